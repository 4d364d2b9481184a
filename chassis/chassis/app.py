"""The application of a service: config, resources, routes, middlewares, in that order."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from chassis import broadcast, bus, cache, db, health, logging, openapi, tracing
from chassis.api import Api
from chassis.config import Config
from chassis.events import Event
from chassis.identity import Revocations, Verifier, http_key_set
from chassis.keys import BUS, CACHE, CONFIG, DB, READY_CHECKS, VERIFIER, WAITS
from chassis.requests import in_hand
from chassis.revocations import SESSION_REVOKED, revocation
from chassis.waiting import Waits


def create(config: Config, package: str, apis: Sequence[Api]) -> web.Application:
    """A service's application with the resources every service shares."""
    service = package.replace("_", "-")
    logging.configure(service, config.log_level)
    middlewares = [in_hand(config.max_requests)]
    if config.otlp_endpoint:
        middlewares.append(tracing.middleware)
    app = web.Application(middlewares=middlewares, client_max_size=config.max_body_bytes)
    app[CONFIG] = config
    app[WAITS] = Waits()
    app[READY_CHECKS] = {}
    app.cleanup_ctx.append(tracing.exporting(config.otlp_endpoint, config.trace_sample, service))
    app.cleanup_ctx.extend([database(package), fragment_cache(service), event_bus(service), verifier])
    app.add_routes(health.ROUTES)
    for api in apis:
        app.add_routes([*api.routes(), openapi.route(api)])
    return app


def database(package: str) -> Any:
    """The pool of the service's own role, with its named queries."""

    async def acquire(app: web.Application) -> AsyncIterator[None]:
        config = app[CONFIG]
        url = config.database_url.get_secret_value()
        async with db.connect(url, package, maxsize=config.db_pool_size) as connected:
            app[DB] = connected
            yield

    return acquire


def fragment_cache(service: str) -> Any:
    """The service's fragments in Redis."""

    async def acquire(app: web.Application) -> AsyncIterator[None]:
        async with cache.connect(app[CONFIG].redis_url.get_secret_value(), service) as connected:
            app[CACHE] = connected
            yield

    return acquire


def event_bus(service: str) -> Any:
    """The connection to the broker, made in the background."""

    async def acquire(app: web.Application) -> AsyncIterator[None]:
        async with bus.connect(app[CONFIG].amqp_url.get_secret_value(), service) as connected:
            app[BUS] = connected
            yield

    return acquire


async def verifier(app: web.Application) -> AsyncIterator[None]:
    """Token verification, with revocations heard as they happen and reloaded every few seconds."""
    config, revocations = app[CONFIG], Revocations()

    async def reload() -> None:
        rows = await app[DB].rows("list_revoked_sessions")
        revocations.load((row["session_id"], row["expires_at"].timestamp()) for row in rows)

    def hear(event: Event) -> None:
        revocations.add(*revocation(event))

    async with aiohttp.ClientSession() as session:
        keys = http_key_set(session, config.jwks_url)
        app[VERIFIER] = Verifier(keys, config.token_issuer, config.token_audience, revocations)
        async with broadcast.listen(app[BUS], {SESSION_REVOKED}, hear, reload):
            yield
