"""A room under every order of events: each member's view is the table, whatever is lost, doubled or late."""

import asyncio
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import orjson
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from chassis.realtime.frames import pack
from lecture_chat.entries.encoding import Numbered
from lecture_chat.entries.views import PAGE
from lecture_chat.rooms.room import MemberSocket, Room


class Transport:
    """Keeps what was written."""

    def __init__(self, view: "View") -> None:
        self._view = view

    def write(self, data: bytes) -> None:
        self._view.take(data)


class View:
    """A member: the entries it was sent after `since`."""

    def __init__(self, since: int) -> None:
        self.sent: list[Any] = []
        self.frames = 0
        self.since = since
        self.open = True
        self.behind = False
        self.transport = Transport(self)
        self._connection = self

    def write(self, data: bytes) -> None:
        self.take(data)

    def take(self, frame: bytes) -> None:
        # Not from the first brace on: a length may look like one.
        document = orjson.loads(frame[2 if frame[1] < 126 else 4 :])
        self.sent += document.get("messages", [document])
        self.frames += 1

    async def drained(self) -> bool:
        await asyncio.sleep(0)
        return self.open

    @property
    def held(self) -> list[Any]:
        """What a client keeps: what is not above the last number is dropped, a gap would end it."""
        kept: list[Any] = []
        for item in self.sent:
            last = kept[-1]["seq"] if kept else self.since
            if item["seq"] > last:
                assert item["seq"] == last + 1, (self.since, self.sent)
                kept.append(item)
        return kept


def entry(seq: int) -> Numbered:
    return Numbered(seq, orjson.dumps({"type": "message", "seq": seq, "body": f"what was said as number {seq}"}))


class RoomMachine(RuleBasedStateMachine):
    """The table grows; news of it reach the room or not, in any order; members come, with any `since`, go, and are
    removed; the process dies and another takes the room over.
    """

    make: Callable[..., Room] = Room

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.table: list[Numbered] = []
        self.unheard: list[Numbered] = []
        self.members: list[View] = []
        self.gone: list[tuple[View, int]] = []
        self.room: Room = self.runner.run(self._start())

    async def _start(self) -> Room:
        return self.make(UUID(int=1), self.table[-PAGE:], self._read, 0.0)

    async def _read(self, since: int) -> list[Numbered]:
        await asyncio.sleep(0)
        return self.table[since : since + PAGE]

    def _do(self, work: Callable[[], Any]) -> None:
        async def step() -> None:
            work()
            for _ in range(3):
                await asyncio.sleep(0)

        self.runner.run(step())

    @rule(count=st.integers(1, 5))
    def store(self, count: int) -> None:
        """Some replica stores; the news are on their way."""
        fresh = [entry(len(self.table) + n + 1) for n in range(count)]
        self.table += fresh
        self.unheard += fresh

    @precondition(lambda self: self.unheard)
    @rule(data=st.data(), fate=st.sampled_from(["heard", "heard twice", "lost"]))
    def hear(self, data: st.DataObject, fate: str) -> None:
        """A run of news arrives, not always the oldest."""
        first = data.draw(st.integers(0, len(self.unheard) - 1))
        last = data.draw(st.integers(first, len(self.unheard) - 1))
        news, self.unheard = self.unheard[first : last + 1], self.unheard[:first] + self.unheard[last + 1 :]
        if fate != "lost":
            self._do(lambda: self.room.receive(news))
        if fate == "heard twice":
            self._do(lambda: self.room.receive(news))

    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        """Somebody comes, or comes back, while the room goes on."""
        view, ticks = View(data.draw(st.integers(0, len(self.table)))), data.draw(st.integers(0, 4))
        self.members.append(view)

        async def enter() -> None:
            joining = asyncio.ensure_future(self.room.catch_up(cast(MemberSocket, view), view.since))
            for _ in range(ticks):
                await asyncio.sleep(0)
            fresh = [entry(len(self.table) + n + 1) for n in range(2)]
            self.table += fresh
            self.room.receive(fresh)
            await joining

        self.runner.run(enter())

    @precondition(lambda self: self.members)
    @rule(data=st.data(), removed=st.booleans())
    def leave(self, data: st.DataObject, removed: bool) -> None:
        """Somebody goes, or is removed, which closes the socket first: either hears no more."""
        view = self.members.pop(data.draw(st.integers(0, len(self.members) - 1)))
        view.open = not removed
        if not removed:
            self.room.leave(cast(MemberSocket, view))
        self.gone.append((view, len(view.sent)))

    @rule()
    def forget(self) -> None:
        """Somebody was erased: what is held in memory goes."""
        self.room.forget()

    @rule()
    def kill(self) -> None:
        """The process dies with what it held; everybody comes back to another with the last number they hold."""
        self.room = self.runner.run(self._start())
        before, self.members = self.members, []
        for view in before:
            assert view.held == self._documents(view.since)[: len(view.held)]
            back = View(view.since + len(view.held))
            self.runner.run(self.room.catch_up(cast(MemberSocket, back), back.since))
            self.members.append(back)

    def _documents(self, since: int) -> list[Any]:
        return [orjson.loads(item.json) for item in self.table[since:]]

    @rule()
    def look(self) -> None:
        """The room compares itself with the table; then every view is the table."""

        async def compare() -> None:
            self.room.expect(len(self.table))
            while self.room._filling is not None:  # noqa: ASYNC110 - the room tells nobody
                await asyncio.sleep(0)
            self.room.flush()

        self.runner.run(compare())
        for view in self.members:
            assert view.held == self._documents(view.since)
        for view, heard in self.gone:
            assert len(view.sent) == heard
            assert view.held == self._documents(view.since)[: len(view.held)]

    def teardown(self) -> None:
        self.look()
        self.runner.close()


class Trusting(Room):
    """Broken: takes whatever comes next for the next number."""

    def receive(self, entries: Any) -> None:
        fresh = [item for item in entries if item.seq > self.head]
        for item in fresh:
            self.head = item.seq
            self._held.append(item)
        if fresh:
            self._schedule()


class Deaf(Room):
    """Broken: goes on telling whoever was removed."""

    def flush(self) -> None:
        for socket in self.sockets:
            socket._connection.open = True
        super().flush()


class Late(Room):
    """Broken: reads the history first and joins afterwards."""

    async def catch_up(self, socket: MemberSocket, since: int) -> bool:
        for item in await self._read(since):
            socket.write(pack(item.json))
        await asyncio.sleep(0)
        self.sockets.add(socket)
        return True


RUNS = settings(max_examples=60, stateful_step_count=25, deadline=None)
# A control need not find the smallest example, but has to find one.
CONTROL = settings(RUNS, max_examples=400, phases=[Phase.generate])


def machine(kind: type[Room]) -> type[RoomMachine]:
    return type("Machine", (RoomMachine,), {"make": kind})


def test_every_view_is_the_table() -> None:
    """GUARANTEES 9, 11, 13, 17: history and what is said now meet without a gap; what the bus lost is filled."""
    run_state_machine_as_test(machine(Room), settings=RUNS)


@pytest.mark.parametrize("kind", [Trusting, Late, Deaf])
def test_control_a_broken_room_is_noticed(kind: type[Room]) -> None:
    """Control of GUARANTEES 9, 11, 13, 17."""
    with pytest.raises(Exception):  # noqa: B017, PT011 - hypothesis raises the failure, or a group of them
        run_state_machine_as_test(machine(kind), settings=CONTROL)


@pytest.mark.parametrize(("window", "frames"), [(0.05, 1), (0.0, 3)])
async def test_what_comes_at_once_is_one_frame_unless_nothing_is_ever_held_back(window: float, frames: int) -> None:
    async def read(_: int) -> list[Numbered]:
        return []

    room, view = Room(UUID(int=1), [], read, window), View(0)
    room.sockets.add(cast(MemberSocket, view))
    room.receive([entry(1), entry(2), entry(3)])
    assert (view.frames, [item["seq"] for item in view.held]) == (frames, [1, 2, 3])
