"""All rooms of one process: opened with the first socket, kept true to the table, closed with the last."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web
from prometheus_client import Gauge

from chassis.db import Database, Row
from chassis.errors import Conflict, Unavailable
from chassis.keys import CONFIG, DB
from chassis.logging import get_logger
from chassis.realtime.frames import pack
from chassis.tasks import end
from lecture_chat import wire
from lecture_chat.config import Config
from lecture_chat.entries.encoding import Numbered
from lecture_chat.entries.views import entries_after, entries_before
from lecture_chat.rooms.audiences import close_changed
from lecture_chat.rooms.bus import RoomBus
from lecture_chat.rooms.presence import SHOWN, Stay, Stays, difference
from lecture_chat.rooms.room import LiveRoom, MemberSocket, Room
from lecture_chat.rooms.states import RoomState, merged, read_present, read_states
from lecture_chat.rooms.writers import Writer, Writers

log = get_logger(__name__)

OPEN = Gauge("homeroom_chat_rooms_open", "Rooms with sockets in this process")

STATE_SECONDS = 0.25
LOOK_SECONDS = 1.0
AUDIENCE_SECONDS = 2.0
HEAD_SECONDS = 10.0
UNUSED_WRITER_SECONDS = 120.0


class Rooms:
    """The rooms of this process, and the writers of their lectures."""

    def __init__(self, db: Database, config: Config) -> None:
        self._db = db
        self._config = config
        self._rooms: dict[UUID, LiveRoom] = {}
        self._opening: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bus = RoomBus(config.redis_url.get_secret_value(), self._heard, self.look)
        self.stays = Stays(db)
        self.writers = Writers(lambda lecture_id: Writer(db, lecture_id, config, self))

    # --- What is stored, here or elsewhere ----------------------------------------------------------------

    def stored(self, lecture_id: UUID, entries: Sequence[Numbered]) -> None:
        """This process stored entries: deliver them here and pass them on."""
        self._heard(lecture_id, entries)
        self._bus.tell_entries(lecture_id, entries)

    def changed(self, lecture_id: UUID) -> None:
        """This process changed a lecture's state: show it here and pass it on."""
        self.look(lecture_id)
        self._bus.tell_change(lecture_id)

    def _heard(self, lecture_id: UUID, entries: Sequence[Numbered]) -> None:
        if (live := self._rooms.get(lecture_id)) is not None:
            live.room.receive(entries)

    def look(self, lecture_id: UUID) -> None:
        """Compare a room with the table soon."""
        if (live := self._rooms.get(lecture_id)) is not None:
            live.state_dirty = True

    # --- Coming and going ---------------------------------------------------------------------------------

    def check_space(self, lecture_id: UUID, account_id: UUID) -> None:
        """Raises Conflict when the room is full of others, Unavailable when the process is."""
        live = self._rooms.get(lecture_id)
        if live is None:
            if len(self._rooms) >= self._config.rooms:
                raise Unavailable("This server holds no more rooms; connect again.", retry_after=1)
        elif max(len(live.members), len(live.present)) >= self._config.room_members and account_id not in live.present:
            raise Conflict("room_full", "The lecture has no place left.")

    @asynccontextmanager
    async def member(self, socket: MemberSocket, hello: wire.Hello, stay: Stay) -> AsyncIterator[None]:
        """Be in the room for the length of the block: greeted, brought up to date, told everything."""
        live = await self._opened(stay.lecture_id)
        live.members[socket] = stay.role
        self.stays.begin(stay)
        try:
            await self._welcome(live, socket, hello)
            del hello
            yield
        finally:
            live.room.leave(socket)
            del live.members[socket]
            self.stays.end(stay)
            if not live.members:
                self._close(live)

    async def _welcome(self, live: LiveRoom, socket: MemberSocket, hello: wire.Hello) -> None:
        socket.send(hello)
        known = self._send_all(live, socket)
        muted = live.tell_muted([socket], frozenset({hello.you.account_id} if hello.you.muted else ()))
        # A room that was opened before this member's hello may lag behind the head that hello promises.
        live.room.expect(hello.head_seq)
        await live.room.catch_up(socket, hello.first_seq)
        if known != (live.rev, live.presence_rev):
            self._send_all(live, socket)
        live.tell_muted([socket], muted)

    def _send_all(self, live: LiveRoom, socket: MemberSocket) -> tuple[int, int]:
        """The whole state and who is there; returns which revisions those are."""
        if live.packed_presence is None:
            shown = tuple(live.present.values())[:SHOWN]
            live.packed_presence = pack(wire.Presence(count=len(live.present), joined=shown, left=()))
        socket.write(live.packed_state)
        socket.write(live.packed_presence)
        return live.rev, live.presence_rev

    async def _opened(self, lecture_id: UUID) -> LiveRoom:
        while (live := self._rooms.get(lecture_id)) is None:
            if lecture_id not in self._opening:
                self._opening[lecture_id] = asyncio.create_task(self._open(lecture_id), name="open room")
            await asyncio.shield(self._opening[lecture_id])
        return live

    async def _open(self, lecture_id: UUID) -> None:
        try:
            # Followed before it is read: what is said in between is read, heard, or both.
            await self._bus.follow(lecture_id)
            (row,) = await self._db.rows("read_heads", lecture_ids=[lecture_id])
            state = (await read_states(self._db, {lecture_id: 0}))[lecture_id]
            present = (await read_present(self._db, [lecture_id]))[lecture_id]
            newest = await entries_before(self._db, lecture_id, row["head_seq"] + 1)
            room = Room(lecture_id, newest, lambda since: entries_after(self._db, lecture_id, since), self._window)
            revs = row["presence_rev"], row["erasure_rev"]
            live = LiveRoom(room, state, present, *revs, packed_state=pack(state.shown))
            self._rooms[lecture_id] = live
            OPEN.set(len(self._rooms))
        finally:
            del self._opening[lecture_id]

    @property
    def _window(self) -> float:
        return self._config.room_window_ms / 1000

    def _close(self, live: LiveRoom) -> None:
        del self._rooms[live.room.lecture_id]
        OPEN.set(len(self._rooms))
        self._later(self._bus.forget(live.room.lecture_id))

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- Staying true to the table ------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep all rooms true for the length of the block."""
        loops = [
            asyncio.create_task(work, name="rooms")
            for work in (
                self._bus.send(),
                self._bus.hear(),
                _every(LOOK_SECONDS, self._look_at_all),
                _every(STATE_SECONDS, self._show_states),
                _every(AUDIENCE_SECONDS, self._check_members),
                _every(HEAD_SECONDS, self._beat),
            )
        ]
        try:
            yield
        finally:
            await end(loops)
            await self._store_stays_at_last()
            await self._bus.aclose()

    async def _store_stays_at_last(self) -> None:
        try:
            await self.stays.store()
        except Unavailable:
            log.warning("stays_not_stored")

    async def _look_at_all(self) -> None:
        """Tell the table who came and went; take from it what Redis did not bring."""
        for lecture_id in await self.stays.store():
            self._bus.tell_change(lecture_id)
        if self._rooms:
            await self._compare(list(self._rooms))

    async def _compare(self, lecture_ids: list[UUID]) -> None:
        revs: dict[UUID, int] = {}
        for row in await self._db.rows("read_heads", lecture_ids=lecture_ids):
            if (live := self._rooms.get(row["lecture_id"])) is not None:
                self._take_head(live, row)
                if live.presence_rev != row["presence_rev"]:
                    revs[row["lecture_id"]] = row["presence_rev"]
        if revs:
            await self._show_presence(revs)

    def _take_head(self, live: LiveRoom, row: Row) -> None:
        live.room.expect(row["head_seq"])
        if live.erasure_rev != row["erasure_rev"]:
            live.erasure_rev = row["erasure_rev"]
            live.room.forget()
        live.state_dirty = live.state_dirty or live.rev != row["state_rev"]
        if row["close_reason"] is not None:
            self._later(self._end(live, row["head_seq"], row["close_reason"]))

    async def _end(self, live: LiveRoom, head: int, reason: str) -> None:
        """Everything that was said is shown before the room closes."""
        for _ in range(100):
            if live.room.head >= head:
                break
            live.room.expect(head)
            await asyncio.sleep(0.02)
        live.room.end(wire.Closed.model_validate({"reason": reason}))

    async def _show_presence(self, revs: Mapping[UUID, int]) -> None:
        for lecture_id, present in (await read_present(self._db, list(revs))).items():
            if (live := self._rooms.get(lecture_id)) is None:
                continue
            joined, left = difference(live.present, present)
            # Only now: a reading that failed is repeated.
            live.present, live.presence_rev, live.packed_presence = present, revs[lecture_id], None
            if joined or left:
                live.room.tell(wire.Presence(count=len(present), joined=joined[:SHOWN], left=left))

    async def _show_states(self) -> None:
        dirty = {lecture_id: live.rev for lecture_id, live in self._rooms.items() if live.state_dirty}
        if not dirty:
            return
        try:
            await self._compare(list(dirty))
            self._mark(dirty, dirty=False)
            states = await read_states(self._db, dirty)
        except Unavailable:
            self._mark(dirty, dirty=True)
            raise
        for lecture_id, state in states.items():
            if (live := self._rooms.get(lecture_id)) is not None and state.shown.rev > live.rev:
                self._show_state(live, state)

    def _mark(self, lecture_ids: Iterable[UUID], *, dirty: bool) -> None:
        for lecture_id in lecture_ids:
            if (live := self._rooms.get(lecture_id)) is not None:
                live.state_dirty = dirty

    def _show_state(self, live: LiveRoom, state: RoomState) -> None:
        before, live.state = live.state, merged(live.state, state)
        live.packed_state = pack(live.state.shown)
        live.room.tell(state.shown)
        live.tell_muted(live.room.sockets, before.muted)

    async def _check_members(self) -> None:
        if self._rooms:
            await close_changed(self._db, self._rooms)

    async def _beat(self) -> None:
        """The heartbeat, and that everybody here is still here."""
        for live in tuple(self._rooms.values()):
            live.room.tell(wire.Head(seq=live.room.sent))
        self.writers.forget_unused(UNUSED_WRITER_SECONDS)
        await self.stays.touch()
        if self._rooms:
            await self._db.execute("end_lost_presences", lecture_ids=list(self._rooms))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Unavailable as error:
            log.warning("rooms_wait_for_the_database", error=error.detail)
        except Exception:
            log.exception("rooms_failed")


ROOMS = web.AppKey("rooms", Rooms)


async def rooms(app: web.Application) -> AsyncIterator[None]:
    """The rooms of the service's process."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    app[ROOMS] = Rooms(app[DB], config)
    async with app[ROOMS].running():
        yield
