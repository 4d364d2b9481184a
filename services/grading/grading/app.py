"""The grading service's web process."""

from aiohttp import web

from chassis import app
from grading.config import Config
from grading.routes import api


def build(config: Config) -> web.Application:
    """The application for these settings."""
    return app.create(config, "grading", [api])


async def create_app() -> web.Application:
    """What gunicorn runs."""
    return build(Config.load_or_exit())
