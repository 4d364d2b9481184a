"""The service's application."""

from aiohttp import web

import chassis.app
from chassis.realtime import hub
from classroom.bootstrap.keys import LAYOUTS
from classroom.bootstrap.views import Layouts
from classroom.config import Config
from classroom.feed.watch import live_feed
from classroom.fragments import forget_stale
from classroom.quizzes.live.live import live_quizzes
from classroom.routes import api


def build(config: Config) -> web.Application:
    """Routes and what they need."""
    app = chassis.app.create(config, "classroom", [api])
    app.middlewares.append(forget_stale)
    app[LAYOUTS] = Layouts()
    hub.install(app, lost_members="list_lost_members")
    app.cleanup_ctx.extend([live_quizzes, live_feed])
    return app


async def create_app() -> web.Application:
    """What gunicorn calls."""
    return build(Config.load_or_exit())
