"""The worker of auth: outbox relay, roster imports, clean-up."""

from aiohttp import web

import chassis.worker
from auth.config import Config
from auth.rosters.importer import IMPORTER
from chassis import rosters
from chassis.keys import DB
from chassis.worker import Job


async def _purge(app: web.Application) -> None:
    for query in ("purge_sessions", "purge_used_tokens", "purge_signing_keys"):
        await app[DB].execute(query)


JOBS = [rosters.job(IMPORTER), Job("purge-sessions", 600, _purge)]

if __name__ == "__main__":
    chassis.worker.run(Config.load_or_exit(), "auth", {}, JOBS)
