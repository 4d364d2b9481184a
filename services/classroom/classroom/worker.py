"""The service's other process: `python -m classroom.worker`."""

from aiohttp import web

from chassis import rosters, worker
from chassis.keys import DB
from classroom.assignments.commands import publish_scheduled
from classroom.config import Config
from classroom.consumers import HANDLERS
from classroom.invitations.commands import accept_awaited
from classroom.notifications.commands import notice
from classroom.quizzes import jobs as quizzes
from classroom.rosters.importer import IMPORTER

_PUBLISH_SECONDS = 5.0
_ACCEPT_SECONDS = 60.0


async def _publish(app: web.Application) -> None:
    """What is published and what comes near is noted, once for all processes."""
    while await publish_scheduled(app[DB]):
        pass
    await notice(app[DB])


async def _accept(app: web.Application) -> None:
    while await accept_awaited(app[DB]):
        pass


JOBS = [
    rosters.job(IMPORTER),
    worker.Job("publish", _PUBLISH_SECONDS, _publish),
    worker.Job("accept", _ACCEPT_SECONDS, _accept),
    *quizzes.JOBS,
]

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "classroom", HANDLERS, JOBS)
