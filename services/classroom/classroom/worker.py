"""The service's other process: `python -m classroom.worker`."""

from aiohttp import web

from chassis import rosters, worker
from chassis.keys import DB
from classroom.assignments.commands import publish_scheduled
from classroom.config import Config
from classroom.consumers import HANDLERS
from classroom.quizzes import jobs as quizzes
from classroom.rosters.importer import IMPORTER

_PUBLISH_SECONDS = 5.0


async def _publish(app: web.Application) -> None:
    while await publish_scheduled(app[DB]):
        pass


JOBS = [rosters.job(IMPORTER), worker.Job("publish", _PUBLISH_SECONDS, _publish), *quizzes.JOBS]

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "classroom", HANDLERS, JOBS)
