"""The timed jobs of quizzes: closing what is due, and publishing what may be known."""

from aiohttp import web

from chassis.keys import CONFIG, DB
from chassis.worker import Job
from classroom.quizzes.attempts.commands import close_due
from classroom.quizzes.live.hints import publish_once
from classroom.quizzes.marking.telling import tell_all


async def _close(app: web.Application) -> None:
    closed = await close_due(app[DB])
    if closed:
        await publish_once(app[CONFIG].redis_url.get_secret_value(), closed)


async def _tell(app: web.Application) -> None:
    await tell_all(app[DB])


JOBS = [Job("close-attempts", 0.5, _close), Job("tell-quizzes", 2.0, _tell)]
