"""One writer a lecture and process: gathers what members send, stores it together, then passes it on."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter, Histogram

from chassis.db import Executor
from chassis.errors import TooMany
from chassis.realtime.limits import Bucket
from lecture_chat.config import Config
from lecture_chat.entries import commands as entries
from lecture_chat.entries.commands import NewEntry, Outcome
from lecture_chat.entries.encoding import Numbered
from lecture_chat.grouping import Answer, Group
from lecture_chat.signals import commands as signals
from lecture_chat.signals.commands import Signal

STORED = Counter("homeroom_chat_entries_stored_total", "Entries stored by this process")
GROUPED = Histogram("homeroom_chat_group_size", "Entries stored in one round trip", buckets=(1, 2, 5, 10, 25, 50, 100))

WINDOW_SECONDS = 0.01
MOST_AT_ONCE = 100
MOST_WAITING = 2_000
# Signals a member may send for each entry they may send.
SIGNALS_PER_SEND = 2


class Listener(Protocol):
    """Who is told what was stored."""

    def stored(self, lecture_id: UUID, entries: Sequence[Numbered]) -> None: ...
    def changed(self, lecture_id: UUID) -> None: ...


class RateLimitedError(TooMany):
    """Sent too fast; `wait` in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(max(1, round(wait)), "rate_limited", "You send too fast; wait a moment.")
        self.wait = wait


class Writer:
    """Stores the entries and signals of one lecture."""

    def __init__(self, db: Executor, lecture_id: UUID, config: Config, listener: Listener) -> None:
        self._lecture_id = lecture_id
        self._config = config
        self._listener = listener
        self._room_bucket = Bucket(config.room_sends_per_second, 2 * config.room_sends_per_second, _now())
        self._buckets: dict[UUID, Bucket] = {}
        self._signal_buckets: dict[UUID, Bucket] = {}
        # What the room holds back anyway may as well be stored together.
        window = max(WINDOW_SECONDS, config.room_window_ms / 1000)
        self._entries = Group(
            lambda waiting: entries.append(db, lecture_id, waiting), self._pass_on,
            window=window, most=MOST_AT_ONCE, backlog=MOST_WAITING, alone=entries.is_alone,
        )  # fmt: skip
        self._signals = Group(
            lambda waiting: signals.apply(db, lecture_id, waiting), self._pass_on_change,
            window=WINDOW_SECONDS, most=MOST_AT_ONCE, backlog=MOST_WAITING, alone=signals.is_alone,
        )  # fmt: skip
        self.used_at = _now()

    @property
    def idle(self) -> bool:
        """Nothing is under way."""
        return self._entries.idle and self._signals.idle

    def add(self, entry: NewEntry, answer: Answer[Outcome]) -> None:
        """Store an entry. Raises RateLimitedError, Unavailable when too much waits."""
        self._limit(self._buckets, entry.author_id, self._config.member_sends_per_second)
        # What teachers do against a flood of messages is not kept waiting by it.
        if entry.type == "message":
            _take(self._room_bucket, self.used_at)
        self._entries.submit(entry.key, entry, answer)

    async def added(self, entry: NewEntry) -> Outcome:
        """Store an entry and wait for what becomes of it. Raises as `add` and storing do."""
        outcome: asyncio.Future[Outcome | Exception] = asyncio.get_running_loop().create_future()
        self.add(entry, lambda found: None if outcome.done() else outcome.set_result(found))
        if isinstance(found := await outcome, Exception):
            raise found
        return found

    def set(self, signal: Signal, answer: Answer[str | None]) -> None:
        """Apply a signal; the outcome says why it was refused. Raises RateLimitedError, Unavailable as `add` does."""
        self._limit(self._signal_buckets, signal.author_id, SIGNALS_PER_SEND * self._config.member_sends_per_second)
        self._signals.submit(signal.key, signal, answer)

    def _limit(self, buckets: dict[UUID, Bucket], author_id: UUID, rate: float) -> None:
        now = self.used_at = _now()
        _take(buckets.setdefault(author_id, Bucket(rate, 2 * rate, now)), now)

    def _pass_on(self, outcomes: Sequence[Outcome]) -> None:
        fresh = [outcome.entry for outcome in outcomes if outcome.entry is not None]
        if fresh:
            STORED.inc(len(fresh))
            GROUPED.observe(len(fresh))
            self._listener.stored(self._lecture_id, fresh)
        if any(outcome.changes_state for outcome in outcomes):
            self._listener.changed(self._lecture_id)

    def _pass_on_change(self, refusals: Sequence[str | None]) -> None:
        if None in refusals:
            self._listener.changed(self._lecture_id)


def _take(bucket: Bucket, now: float) -> None:
    if not bucket.take(now):
        raise RateLimitedError(bucket.wait())


def _now() -> float:
    return asyncio.get_running_loop().time()


Make = Callable[[UUID], Writer]


class Writers:
    """The writers of a process; those unused for a while are forgotten."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._writers: dict[UUID, Writer] = {}

    def of(self, lecture_id: UUID) -> Writer:
        """The lecture's only writer here."""
        if lecture_id not in self._writers:
            self._writers[lecture_id] = self._make(lecture_id)
        return self._writers[lecture_id]

    def forget_unused(self, seconds: float) -> None:
        """Drop whose last use was so long ago."""
        then = _now() - seconds
        for lecture_id in [key for key, writer in self._writers.items() if writer.idle and writer.used_at < then]:
            del self._writers[lecture_id]
