"""Chat by the number of sockets of one process, in rooms of fifty, and by the size of one room."""

import asyncio

from bench.chat.members import Member, Tally, marked
from bench.chat.servers import Server, homeroom, joined
from bench.growth.curve import lines
from bench.table import Line, percentile
from bench.usage import use_of_family
from chassis.testing import running_stack
from lecture_chat.config import Config

SOCKETS = (250, 1_000, 2_500, 5_000)
ROOM = 50
ROOMS = (30, 100, 300, 1_000)
DELIVERIES_A_SECOND = 5_000
SECONDS = 5.0
SPEAKERS = 25  # of each room
WINDOW_MS: int = Config.model_fields["room_window_ms"].default
Found = dict[tuple[str, str], float]


async def by_sockets() -> list[Line]:
    """The same deliveries each second, whatever the number of rooms."""
    return lines({count: await measured(count, count // ROOM) for count in SOCKETS}, f"sockets in rooms of {ROOM}")


async def by_room() -> list[Line]:
    """The same deliveries each second, from fewer messages the larger the room."""
    return lines({size: await measured(size, 1) for size in ROOMS}, "members in one room")


async def measured(members: int, rooms: int) -> Found:
    """What a delivery and a socket cost; raises RuntimeError when messages are lost."""
    async with homeroom(running_stack(), members, WINDOW_MS, rooms=rooms) as server:
        empty = use_of_family(server.pid)
        tally = Tally()
        everybody = await joined(server, tally, members, rooms)  # the first of each room looks
        await asyncio.sleep(3)
        idle = use_of_family(server.pid)
        sent = await _talk(server, everybody, rooms)
        for _ in range(500):
            if tally.seen >= sent:
                break
            await asyncio.sleep(0.02)
        else:
            raise RuntimeError(f"{tally.seen} of {sent} arrived")
        spent = use_of_family(server.pid).cpu - idle.cpu
        return {
            ("a delivery", "µs CPU"): 1e6 * spent / (sent * members / rooms),
            ("a message", "µs CPU"): 1e6 * spent / sent,
            ("p99 of a message", "ms"): 1e3 * percentile(tally.ages, 0.99),
            ("memory of a socket", "KiB"): (idle.memory - empty.memory) * 1024 / members,
            ("joining", "ms CPU"): 1e3 * (idle.cpu - empty.cpu) / members,
        }


async def _talk(server: Server, members: list[Member], rooms: int) -> int:
    """Some members of each room speak in turn."""
    rate = DELIVERIES_A_SECOND * rooms / len(members)
    loop = asyncio.get_running_loop()
    sent, started = 0, loop.time()
    while (now := loop.time()) - started < SECONDS:
        while sent < (now - started) * rate:
            speaker = sent // rooms % SPEAKERS * rooms + sent % rooms
            members[speaker].say(server.say(marked()))
            sent += 1
        await asyncio.sleep(0.002)
    return sent
