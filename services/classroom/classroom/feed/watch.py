"""How a process learns what may have changed: it hears of it, and looks at what it may not have heard.

Every invalidation is said on Redis and leaves another stamp there, and the outbox makes sure that each happens. So a
hint that was lost shows in the stamps within seconds, and while Redis is away what is shown is read again in turn.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice

from aiohttp import web

from chassis.errors import Unavailable
from chassis.keys import CACHE, DB
from chassis.tasks import end
from classroom.feed.feed import Feed
from classroom.feed.keys import FEED

SWEEP_SECONDS = 2.0
SUMMARY_SECONDS = 5.0
HEAD_SECONDS = 20.0
_SWEPT_AT_ONCE = 500
_UNSEEN_KEYS = 100


class _Sweep:
    """The stamps as they were last seen."""

    def __init__(self, app: web.Application) -> None:
        self._cache = app[CACHE]
        self._feed = app[FEED]
        self._seen: dict[str, bytes | None] = {}
        self._unseen: Iterator[str] = iter(())

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._look()
            except Unavailable:
                self._feed.hear(self._some_keys())

    async def _look(self) -> None:
        keys = self._feed.keys
        self._seen = {key: self._seen[key] for key in keys if key in self._seen}
        for start in range(0, len(keys), _SWEPT_AT_ONCE):
            await self._compare(keys[start : start + _SWEPT_AT_ONCE])

    async def _compare(self, keys: Sequence[str]) -> None:
        now = dict(zip(keys, await self._cache.stamps(keys), strict=True))
        self._feed.hear(key for key in keys if key not in self._seen or self._seen[key] != now[key])
        self._seen |= now

    def _some_keys(self) -> list[str]:
        """A few of all, others each time."""
        some = list(islice(self._unseen, _UNSEEN_KEYS))
        if len(some) < _UNSEEN_KEYS:
            self._unseen = iter([key for key in self._feed.keys if not key.startswith("school:")])
        return some


async def _summaries(feed: Feed) -> None:
    """Counts of a whole school change too often to be announced: they are looked at."""
    while True:
        await asyncio.sleep(SUMMARY_SECONDS)
        feed.hear(key for key in feed.keys if key.startswith("summary:"))


async def _heads(feed: Feed) -> None:
    while True:
        await asyncio.sleep(HEAD_SECONDS)
        for follower in feed.pages:
            feed.tell_head(follower)


async def live_feed(app: web.Application) -> AsyncIterator[None]:
    """The feed of the process, from its start to its end."""
    feed = app[FEED] = Feed(app[DB], app[CACHE])
    work = [feed.run(), app[CACHE].listen(feed.hear), _Sweep(app).run(), _summaries(feed), _heads(feed)]
    tasks = [asyncio.create_task(it, name="feed") for it in work]
    yield
    await end(tasks)
