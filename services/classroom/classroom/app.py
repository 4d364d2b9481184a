"""The service's application."""

from aiohttp import web

import chassis.app
from chassis.realtime import hub
from classroom.config import Config
from classroom.fragments import forget_stale
from classroom.quizzes.live.live import live_quizzes
from classroom.routes import api


def build(config: Config) -> web.Application:
    """Routes and what they need."""
    app = chassis.app.create(config, "classroom", [api])
    app.middlewares.append(forget_stale)
    hub.install(app, lost_members="list_lost_members")
    app.cleanup_ctx.append(live_quizzes)
    return app


async def create_app() -> web.Application:
    """What gunicorn calls."""
    return build(Config.load_or_exit())
