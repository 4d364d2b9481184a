"""The lecture-chat service's web process."""

from aiohttp import web

from chassis import app
from chassis.realtime import hub
from lecture_chat.config import Config
from lecture_chat.rooms.rooms import rooms
from lecture_chat.routes import api


def build(config: Config) -> web.Application:
    """The application for these settings."""
    application = app.create(config, "lecture_chat", [api])
    hub.install(application, lost_members="list_lost_members")
    application.cleanup_ctx.append(rooms)
    return application


async def create_app() -> web.Application:
    """What gunicorn runs."""
    return build(Config.load_or_exit())
