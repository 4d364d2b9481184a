"""CPU of a delivered message, latency, memory of an idle socket: `python -m bench.chat [--seconds 3] [--idle 5000]`.

Everything of a server's path counts but Postgres, Redis and the members themselves: all processes of the server.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.chat.members import Tally, marked
from bench.chat.servers import Server, floor, homeroom, install_peers, joined, naive, npm_ws, socketio
from bench.table import Line, percentile, tell
from bench.usage import use_of_family
from chassis.testing import Stack, running_stack

LOOKING = 10
SPEAKERS = 10
Make = Callable[[], AbstractAsyncContextManager[Server]]


@dataclass(frozen=True)
class Cost:
    """Of one run: µs of CPU a delivery, latency in ms, KiB of memory a member."""

    cpu: float
    p50: float
    p99: float
    memory: float


async def cost(make: Make, members: int, rate: float, seconds: float) -> Cost:
    """Talk in a room of so many members, at so many messages a second. Raises RuntimeError when messages are lost."""
    async with make() as server:
        before = use_of_family(server.pid).memory
        tally = Tally()
        everybody = await joined(server, tally, members, LOOKING)
        await asyncio.sleep(2)
        memory = (use_of_family(server.pid).memory - before) * 1024 / members
        spent = use_of_family(server.pid).cpu
        sent, started = 0, asyncio.get_running_loop().time()
        while (now := asyncio.get_running_loop().time()) - started < seconds:
            while sent < (now - started) * rate:
                everybody[sent % SPEAKERS].say(server.say(marked()))
                sent += 1
            await asyncio.sleep(0.002)
        await _arrived(tally, sent * LOOKING, server.name)
        spent = use_of_family(server.pid).cpu - spent
        for member in everybody:
            if member.transport is not None:
                member.transport.abort()
        return Cost(
            1e6 * spent / (sent * members),
            1e3 * percentile(tally.ages, 0.5),
            1e3 * percentile(tally.ages, 0.99),
            memory,
        )


async def _arrived(tally: Tally, expected: int, name: str) -> None:
    for _ in range(1000):
        if tally.seen >= expected:
            return
        await asyncio.sleep(0.02)
    raise RuntimeError(f"{name}: {tally.seen} of {expected} arrived")


async def lines(seconds: float, idle: int) -> list[Line]:
    """All comparisons, one after the other."""
    stack, found = running_stack(), []
    with tempfile.TemporaryDirectory(prefix="bench-chat-") as name:
        folder = Path(name)
        install_peers(folder)
        peers: list[Make] = [floor, naive, lambda: npm_ws(folder), lambda: socketio(folder, stack.redis_url)]
        for members, rate, most in ((200, 100, 1.5), (1000, 20, 1.6)):
            ours = await cost(_ours(stack, members, 0), members, rate, seconds)
            others = {name: await cost(make, members, rate, seconds) for name, make in _named(peers)}
            found += _compared(f"{members} members, {rate} messages/s", ours, others, most)
        busy = await cost(_ours(stack, 1000, 40), 1000, 100, seconds)
        quick = {name: await cost(make, 1000, 100, seconds) for name, make in _named([floor])}
        found += _busy(busy, quick)
        found.append(await _idle(stack, idle))
    return found


def _ours(stack: Stack, members: int, window_ms: int) -> Make:
    return lambda: homeroom(stack, members, window_ms)


def _named(makes: list[Make]) -> list[tuple[str, Make]]:
    return list(zip(("C epoll", "aiohttp naive", "npm ws", "Socket.IO + Redis"), makes, strict=False))


def _compared(what: str, ours: Cost, others: dict[str, Cost], most: float) -> list[Line]:
    least, rival = others["C epoll"].cpu, others["Socket.IO + Redis"].cpu
    reached = ours.cpu <= most * least and ours.cpu <= 0.55 * rival
    target = f"≤ {most} × C epoll, ≤ 0.55 × Socket.IO"
    return [
        Line(f"chat delivery, {what}", "µs CPU", ours.cpu, {n: c.cpu for n, c in others.items()}, target, reached),
        Line(f"… p50, {what}", "ms", ours.p50, {n: c.p50 for n, c in others.items()}),
        Line(f"… p99, {what}", "ms", ours.p99, {n: c.p99 for n, c in others.items()}),
        Line(f"… memory of a socket, {what}", "KiB", ours.memory, {n: c.memory for n, c in others.items()}),
    ]


def _busy(ours: Cost, others: dict[str, Cost]) -> list[Line]:
    target = "≤ 1.5, below C epoll uncoalesced"
    reached = ours.cpu <= 1.5 and ours.cpu <= others["C epoll"].cpu
    what = "busy room, 1,000 members, 100 messages/s"
    added = ours.p50 - others["C epoll"].p50
    return [
        Line(f"chat delivery, {what}", "µs CPU", ours.cpu, {n: c.cpu for n, c in others.items()}, target, reached),
        Line("… p50", "ms", ours.p50, {n: c.p50 for n, c in others.items()}, "≤ 50 added", added <= 50),
        Line("… p99", "ms", ours.p99, {n: c.p99 for n, c in others.items()}),
    ]


async def _idle(stack: Stack, count: int) -> Line:
    """Sockets that say nothing, all in one process."""
    async with homeroom(stack, count, 40) as server:
        before = use_of_family(server.pid).memory
        members = await joined(server, Tally(), count, 0)
        await asyncio.sleep(3)
        memory = (use_of_family(server.pid).memory - before) * 1024 / count
        gone = sum(member.transport is None or member.transport.is_closing() for member in members)
        if gone:
            raise RuntimeError(f"{gone} of {count} idle sockets were lost")
        return Line(f"idle socket, {count:,} in one process", "KiB", memory, {}, "≤ 20", memory <= 20)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--idle", type=int, default=5000)
    options = parser.parse_args()
    tell("chat", uvloop.run(lines(options.seconds, options.idle)))


if __name__ == "__main__":
    main()
