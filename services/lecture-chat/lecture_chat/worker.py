"""The lecture-chat service's worker: applies events, and closes what nobody closes."""

from aiohttp import web

from chassis import worker
from chassis.keys import DB
from lecture_chat import commands
from lecture_chat.config import Config
from lecture_chat.consumers import HANDLERS

ABANDONED_HOURS = 6


async def close_abandoned(app: web.Application) -> None:
    """Close lectures that nobody was in for hours, and those whose classroom or assignment is gone."""
    for row in await app[DB].rows("list_abandoned", hours=ABANDONED_HOURS):
        await commands.close_lecture(app[DB], row["lecture_id"], row["reason"])


JOBS = [worker.Job("close_abandoned", 30, close_abandoned)]

if __name__ == "__main__":
    worker.run(Config.load_or_exit(), "lecture_chat", HANDLERS, JOBS)
