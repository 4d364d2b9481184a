"""The worker of auth: outbox relay, event consumer, roster imports, letters, clean-up."""

from aiohttp import web

import chassis.worker
from auth.classroom_invitations import jobs as classroom_invitations
from auth.config import Config
from auth.consumers import HANDLERS
from auth.mail import sender
from auth.resets import jobs as resets
from auth.rosters.importer import IMPORTER
from auth.rotation import JOB as ROTATION
from chassis import rosters
from chassis.keys import DB
from chassis.worker import Job

_PURGES = (
    "purge_sessions",
    "purge_used_tokens",
    "purge_signing_keys",
    "purge_mails",
    "purge_invitations",
    "purge_password_resets",
    "purge_exports",
    "purge_classroom_invitations",
)


async def _purge(app: web.Application) -> None:
    for query in _PURGES:
        await app[DB].execute(query)


JOBS = [
    rosters.job(IMPORTER),
    sender.JOB,
    resets.JOB,
    classroom_invitations.JOB,
    ROTATION,
    Job("purge-sessions", 600, _purge),
]

if __name__ == "__main__":
    chassis.worker.run(Config.load_or_exit(), "auth", HANDLERS, JOBS)
