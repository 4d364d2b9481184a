"""The files service's web process."""

from collections.abc import AsyncIterator

from aiohttp import web

from chassis import app
from chassis.keys import READY_CHECKS
from files.config import Config
from files.keys import SETTINGS, STORAGE
from files.routes import api
from files.storage import Storage


def build(config: Config) -> web.Application:
    """The application for these settings."""
    made = app.create(config, "files", [api])
    made[SETTINGS] = config
    made[STORAGE] = Storage(config)
    made[READY_CHECKS]["storage"] = made[STORAGE].reachable
    made.cleanup_ctx.append(close_storage)
    return made


async def close_storage(app: web.Application) -> AsyncIterator[None]:
    """The storage's threads end with the application."""
    yield
    app[STORAGE].close()


async def create_app() -> web.Application:
    """What gunicorn runs."""
    return build(Config.load_or_exit())
