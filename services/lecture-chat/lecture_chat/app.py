"""The lecture-chat service's web process."""

from aiohttp import web

from chassis import app
from lecture_chat.config import Config
from lecture_chat.routes import api


def build(config: Config) -> web.Application:
    """The application for these settings."""
    return app.create(config, "lecture_chat", [api])


async def create_app() -> web.Application:
    """What gunicorn runs."""
    return build(Config.load_or_exit())
