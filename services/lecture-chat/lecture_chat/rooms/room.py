"""One lecture's room in this process: delivers its entries in order to its sockets, whatever way they come."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.errors import Unavailable
from chassis.logging import get_logger
from chassis.model import Body
from chassis.realtime.codes import Close
from chassis.realtime.frames import pack
from chassis.realtime.sockets import Socket, broadcast
from lecture_chat import wire
from lecture_chat.entries.encoding import Numbered, as_frame, deleted_by, emptied
from lecture_chat.entries.views import PAGE
from lecture_chat.rooms.states import RoomState

log = get_logger(__name__)

Read = Callable[[int], Awaitable[list[Numbered]]]
MemberSocket = Socket[wire.ClientIn]

# The newest entries a room keeps in memory, for those who come back.
RING = 500


class Room:
    """Entries 1 … `head` were delivered; only `head + 1` is ever taken, what lies between is read from the table.

    `window` in seconds: what comes within it after a frame is held and sent as one.
    """

    def __init__(self, lecture_id: UUID, newest: Sequence[Numbered], read: Read, window: float) -> None:
        head = newest[-1].seq if newest else 0
        self.lecture_id = lecture_id
        self.head = head
        self.sent = head
        self.sockets: set[MemberSocket] = set()
        self._read = read
        self._window = window
        self._ring: deque[Numbered] = deque(newest, maxlen=RING)
        self._held: list[Numbered] = []
        self._flushed_at = float("-inf")
        self._flush_handle: asyncio.TimerHandle | None = None
        self._expected = head
        self._filling: asyncio.Task[None] | None = None

    # --- Entries in order -------------------------------------------------------------------------------

    def receive(self, entries: Sequence[Numbered]) -> None:
        """Take entries in order of number: drop what is known, deliver what is next, fetch what is missing."""
        for entry in entries:
            if entry.seq == self.head + 1:
                self.head = entry.seq
                self._ring.append(entry)
                self._held.append(entry)
                self._empty(deleted_by(entry))
            elif entry.seq > self.head:
                self.expect(entries[-1].seq)
                break
        if self._held:
            self._schedule()

    def _empty(self, seq: int | None) -> None:
        """Of a deleted message nothing but its place is told to who comes now."""
        for kept in (self._ring, self._held):
            if seq is not None and kept and 0 <= (place := seq - kept[0].seq) < len(kept):
                kept[place] = emptied(kept[place])

    def forget(self) -> None:
        """Hold nothing of what was said: whoever comes reads it from the table."""
        self._ring.clear()

    def expect(self, seq: int) -> None:
        """The lecture has come to this number: what is missing is read."""
        self._expected = max(self._expected, seq)
        if self._expected > self.head and self._filling is None:
            self._filling = asyncio.create_task(self._fill(), name="fill")

    async def _fill(self) -> None:
        try:
            while self.head < self._expected and (entries := await self._read(self.head)):
                self.receive(entries)
        except Unavailable:
            # The next look at the table expects it again.
            log.warning("room_behind", lecture_id=self.lecture_id, head=self.head, expected=self._expected)
        finally:
            self._filling = None

    def _schedule(self) -> None:
        if self._flush_handle is not None:
            return
        loop = asyncio.get_running_loop()
        due = self._flushed_at + self._window
        if loop.time() >= due:
            self.flush()
        else:
            self._flush_handle = loop.call_at(due, self.flush)

    def flush(self) -> None:
        """Send what is held: as one frame, or, where nothing is ever held back, each in its own."""
        if self._flush_handle is not None:
            self._flush_handle.cancel()
            self._flush_handle = None
        if self._held:
            held, self._held = self._held, []
            self._flushed_at = asyncio.get_running_loop().time()
            self.sent = held[-1].seq
            for json in [as_frame(held)] if self._window else [entry.json for entry in held]:
                broadcast(self.sockets, pack(json))

    # --- Members ----------------------------------------------------------------------------------------

    async def catch_up(self, socket: MemberSocket, since: int) -> bool:
        """Send what comes after `since` and make the socket a member; False when it ended meanwhile.

        The last look at `sent` and the joining are one step, so that history and what is said now meet exactly.
        """
        while since < self.sent:
            page = await self._page(since)
            socket.write(pack(as_frame(page)))
            if not await socket.drained():
                return False
            since = page[-1].seq
        self.sockets.add(socket)
        return socket.open

    async def _page(self, since: int) -> list[Numbered]:
        if self._ring and self._ring[0].seq <= since + 1:
            first = since + 1 - self._ring[0].seq
            found = [self._ring[place] for place in range(first, min(first + PAGE, len(self._ring)))]
        else:
            found = await self._read(since)
        # Never empty: numbers have no gaps, and `sent` was delivered from the table or to it.
        return [entry for entry in found if entry.seq <= self.sent]

    def leave(self, socket: MemberSocket) -> None:
        """The socket is no member any more."""
        self.sockets.discard(socket)

    def tell(self, frame: Body) -> None:
        """Send something that is no entry to every member."""
        if self.sockets:
            broadcast(self.sockets, pack(frame))

    def end(self, frame: wire.Closed) -> None:
        """The lecture is over: say so and close every socket. Again for those who were still coming in."""
        self.flush()
        self.tell(frame)
        for socket in tuple(self.sockets):
            socket.close(Close.ENDED)


@dataclass(slots=True, eq=False)
class LiveRoom:
    """A room with what it shows beside its entries, as its members know it."""

    room: Room
    state: RoomState
    present: dict[UUID, wire.Present] = field(default_factory=dict)
    presence_rev: int = -1
    erasure_rev: int = 0
    state_dirty: bool = False
    # Sockets that are in it or about to be, and as what they were greeted.
    members: dict[MemberSocket, str] = field(default_factory=dict)
    # What a newcomer gets, packed once for all who come before it changes.
    packed_state: bytes = b""
    packed_presence: bytes | None = None

    @property
    def rev(self) -> int:
        """Which state its members know."""
        return self.state.shown.rev

    def tell_muted(self, sockets: Iterable[MemberSocket], known: frozenset[UUID]) -> frozenset[UUID]:
        """Tell teachers, and those concerned, what changed since `known` were muted; returns who is muted now."""
        for account_id in known ^ self.state.muted:
            frame = pack(wire.Muted(account_id=account_id, muted=account_id in self.state.muted))
            for socket in sockets:
                if self.members[socket] == "teacher" or socket.identity.account_id == account_id:
                    socket.write(frame)
        return self.state.muted
