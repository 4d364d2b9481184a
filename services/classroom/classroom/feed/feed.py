"""The open pages of a process: each key that some of them are shown, and which of these may have changed.

Whatever says that a key may have changed only makes it due: it is read again, and sent to those who do not have that
content. So a hint may come twice or for nothing, and a change that was seen many times costs one reading a turn.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

from prometheus_client import Counter, Gauge

from chassis.cache import Cache
from chassis.db import Database, utc_now
from chassis.errors import Unavailable
from chassis.logging import get_logger
from classroom.bootstrap.layout import shown_key
from classroom.bootstrap.reader import Reader
from classroom.bootstrap.stored import value_of
from classroom.feed import wire
from classroom.feed.follower import FeedSocket, Follower

log = get_logger(__name__)

DUE = Gauge("homeroom_feed_due", "Fragments that wait to be read again for open pages")
SENT = Counter("homeroom_feed_fragments_sent_total", "Fragments sent to open pages")

# At most so many keys are read a turn, so at most 2,000 a second.
TURN_KEYS = 500
TURN_SECONDS = 0.25
_RETRY_SECONDS = 1.0

Offers = dict[str, list[Follower]]


class Feed:
    """Followers by the keys they are shown."""

    def __init__(self, db: Database, cache: Cache) -> None:
        self._db = db
        self._cache = cache
        self._followers: defaultdict[str, set[Follower]] = defaultdict(set)
        self._due: dict[str, None] = {}
        self._some = asyncio.Event()

    @property
    def keys(self) -> Sequence[str]:
        """All keys that somebody is shown."""
        return tuple(self._followers)

    @property
    def pages(self) -> set[Follower]:
        """All who follow."""
        return {follower for followers in self._followers.values() for follower in followers}

    @contextmanager
    def following(self, socket: FeedSocket) -> Iterator[Follower]:
        """A page, for as long as its socket is open."""
        follower = Follower(socket)
        try:
            yield follower
        finally:
            follower.held.clear()
            self._unfollow(follower.school_key, follower)
            self._show(follower, set())

    def start(self, follower: Follower) -> None:
        """The page has said what it holds: bring it up to date, and keep it so."""
        follower.awaited = set(follower.keys)
        self._followers[follower.school_key].add(follower)
        self._show(follower, follower.keys or follower.basic_keys())
        self.hear(follower.keys)

    def hear(self, keys: Iterable[str]) -> None:
        """These may have changed; a school's own key stands for all of its people's."""
        for key in keys:
            if key not in self._followers:
                continue
            if key.startswith("school:"):
                self._due |= dict.fromkeys(it for follower in self._followers[key] for it in follower.keys)
                self._due.pop(key, None)
            else:
                self._due[key] = None
        if self._due:
            self._some.set()

    async def run(self) -> None:
        """Read what is due and send it, until cancelled."""
        while True:
            await self._some.wait()
            keys = list(islice(self._due, TURN_KEYS))
            for key in keys:
                del self._due[key]
            await self._turn(keys)
            DUE.set(len(self._due))
            if not self._due:
                self._some.clear()
            await asyncio.sleep(TURN_SECONDS)

    async def _turn(self, keys: Sequence[str]) -> None:
        schools: defaultdict[UUID, list[str]] = defaultdict(list)
        for key in keys:
            for follower in islice(self._followers.get(key, ()), 1):
                schools[follower.identity.school_id].append(key)
        try:
            for school_id, named in schools.items():
                await self._refresh(school_id, named)
        except Unavailable as error:
            log.warning("feed_waits", error=error.detail, keys=len(keys))
            self.hear(keys)
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception:
            log.exception("feed_failed", keys=len(keys))

    async def _refresh(self, school_id: UUID, keys: Sequence[str]) -> None:
        """Read the keys of one school again; who lacks what was found gets it if they are members still."""
        found = await Reader(self._db, self._cache, school_id).read_all(keys)
        for key, fragment in zip(keys, found, strict=True):
            for follower in tuple(self._followers.get(key, ())):
                if key == follower.person_key:
                    self._show(follower, follower.lay_out(fragment))
        offers: Offers = {
            key: [follower for follower in self._followers.get(key, ()) if follower.lacks(key, fragment)]
            for key, fragment in zip(keys, found, strict=True)
        }
        lost = await self._lost(offers)
        for key, fragment in zip(keys, found, strict=True):
            self._send(key, fragment, offers[key], lost)
            self._settle(key, fragment)

    async def _lost(self, offers: Offers) -> set[tuple[UUID, UUID]]:
        """Which memberships have ended, looked up after the fragments were read: what is newer goes to nobody else."""
        pairs = {pair for key, followers in offers.items() for it in followers if (pair := it.membership(key))}
        if not pairs:
            return set()
        classrooms, accounts = map(list, zip(*pairs, strict=True))
        rows = await self._db.rows("list_lost_members", classroom_ids=classrooms, account_ids=accounts)
        return {(row["classroom_id"], row["account_id"]) for row in rows}

    def _send(self, key: str, fragment: bytes, followers: Sequence[Follower], lost: set[tuple[UUID, UUID]]) -> None:
        frame = wire.fragment(shown_key(key), fragment)
        for follower in followers:
            if follower.membership(key) in lost:
                self.hear([follower.person_key])
            elif follower.socket.is_behind:
                # It gets the newest once it has read what it was sent before.
                self.hear([key])
            elif key in follower.keys:
                follower.take(key, fragment, frame)
                SENT.inc()

    def _settle(self, key: str, fragment: bytes) -> None:
        """Who waits for the key has been served; what does not exist any more is dropped."""
        for follower in tuple(self._followers.get(key, ())):
            if not value_of(fragment):
                follower.drop(shown_key(key))
            if follower.awaited is not None and key not in self._due:
                follower.awaited.discard(key)
                if not follower.awaited:
                    self._greet(follower)

    def _greet(self, follower: Follower) -> None:
        follower.awaited = None
        self.tell_head(follower)

    def tell_head(self, follower: Follower) -> None:
        """Say how many parts the page should hold by now, if it is up to date."""
        if follower.awaited is None:
            follower.socket.send(wire.Head(count=len(follower.held), now=utc_now()))

    def _show(self, follower: Follower, keys: set[str]) -> None:
        """Show the page these keys and no others, from now on."""
        for key in follower.keys - keys:
            self._unfollow(key, follower)
        new = keys - follower.keys
        for key in new:
            self._followers[key].add(follower)
        follower.keys = keys
        if follower.awaited is not None:
            follower.awaited = (follower.awaited & keys) | new
        if follower.person_key not in new:
            follower.forget_all_but(keys)
        self.hear(new)

    def _unfollow(self, key: str, follower: Follower) -> None:
        followers = self._followers.get(key, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(key, None)
