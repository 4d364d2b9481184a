"""The files service's web process."""

from aiohttp import web

from chassis import app
from chassis.keys import READY_CHECKS
from files.config import Config
from files.keys import SETTINGS
from files.routes import api
from files.storage import Storage


def build(config: Config) -> web.Application:
    """The application for these settings."""
    made = app.create(config, "files", [api])
    made[SETTINGS] = config
    made[READY_CHECKS]["storage"] = Storage(config).reachable
    return made


async def create_app() -> web.Application:
    """What gunicorn runs."""
    return build(Config.load_or_exit())
