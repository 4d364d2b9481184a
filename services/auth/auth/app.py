"""The web process of auth."""

from aiohttp import web

import chassis.app
from auth import resources
from auth.accounts import routes as accounts
from auth.config import Config
from auth.rosters import routes as rosters
from auth.sessions import routes as sessions
from chassis.api import Api

api = Api("auth", "Homeroom auth", "Schools, accounts, sessions, access tokens and imports of people.")
api.include(sessions.api, accounts.api, rosters.api)


def build(config: Config) -> web.Application:
    """The application, not yet started."""
    app = chassis.app.create(config, "auth", [api])
    app.cleanup_ctx.append(resources.acquire)
    return app


async def create_app() -> web.Application:
    """For gunicorn."""
    return build(Config.load_or_exit())
