"""The web process of auth."""

from aiohttp import web

import chassis.app
from auth import resources
from auth.accounts import routes as accounts
from auth.api_tokens import routes as api_tokens
from auth.audit import routes as audit
from auth.config import Config
from auth.invitations import routes as invitations
from auth.memberships import routes as memberships
from auth.personal_data import routes as personal_data
from auth.providers import routes as providers
from auth.resets import routes as resets
from auth.rosters import routes as rosters
from auth.second_factor import routes as second_factor
from auth.sessions import routes as sessions
from chassis.api import Api

api = Api("auth", "Homeroom auth", "Schools, accounts, sessions, access tokens and imports of people.")
api.include(
    sessions.api,
    accounts.api,
    rosters.api,
    second_factor.api,
    providers.api,
    api_tokens.api,
    invitations.api,
    resets.api,
    memberships.api,
    audit.api,
    personal_data.api,
)


def build(config: Config) -> web.Application:
    """The application, not yet started."""
    app = chassis.app.create(config, "auth", [api])
    app.cleanup_ctx.append(resources.acquire)
    app.cleanup_ctx.append(providers.acquire)
    return app


async def create_app() -> web.Application:
    """For gunicorn."""
    return build(Config.load_or_exit())
