"""The typed key under which a process keeps what is live of its quizzes."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from classroom.quizzes.live.live import Live

LIVE: "web.AppKey[Live]" = web.AppKey("live")
