"""CPU of a delivered message, latency, memory of an idle socket: `python -m bench.chat [part …] [--seconds 3]`.

Everything of a server's path counts but Postgres, Redis and the members themselves: all processes of the server, and
those of the gateway where it stands in front. The parts (all, unless some are named) take one to four minutes each;
what another part found earlier is kept.
"""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop

from bench.chat.members import Member, Tally, marked
from bench.chat.servers import Server, floor, homeroom, install_peers, joined, naive, npm_ws, socketio
from bench.table import Line, kept, percentile, tell
from bench.usage import Use, use_of_family
from chassis.testing import Stack, running_stack
from dev.layout import ROOT
from lecture_chat.config import Config

PEERS = ROOT / ".homeroom-test" / "bench-chat"
LOOKING = 10
SPEAKERS = 10
ROUNDS = 3
WINDOW_MS: int = Config.model_fields["room_window_ms"].default
BUSY = "busy room, 1,000 members, 100 messages/s"
Make = Callable[[], AbstractAsyncContextManager[Server]]


@dataclass(frozen=True)
class Cost:
    """Of one run: µs of CPU a delivery, the gateway's part of it, latency in ms, KiB of memory a member."""

    cpu: float
    gateway: float
    p50: float
    p99: float
    memory: float


async def cost(make: Make, members: int, rate: float, seconds: float) -> Cost:
    """Talk in a room of so many members, at so many messages a second. Raises RuntimeError when messages are lost."""
    async with make() as server:
        empty = use_of_family(server.pid).memory
        tally = Tally()
        everybody = await joined(server, tally, members, LOOKING)
        await asyncio.sleep(2)
        memory = (use_of_family(server.pid).memory - empty) * 1024 / members
        before = _spent(server)
        sent = await _talk(server, everybody, rate, seconds)
        await _arrived(tally, sent * LOOKING, server.name)
        spent = [
            1e6 * (after - earlier) / (sent * members) for after, earlier in zip(_spent(server), before, strict=True)
        ]
        for member in everybody:
            if member.transport is not None:
                member.transport.abort()
        p50, p99 = (1e3 * percentile(tally.ages, share) for share in (0.5, 0.99))
        return Cost(sum(spent), spent[1], p50, p99, memory)


async def costs(makes: dict[str, Make], members: int, rate: float, seconds: float) -> dict[str, Cost]:
    """All in turn, several times; of each the run of the median CPU, since single ones differ by a fifth."""
    runs: dict[str, list[Cost]] = {name: [] for name in makes}
    for _ in range(ROUNDS):
        for name, make in makes.items():
            runs[name].append(await cost(make, members, rate, seconds))
    return {name: sorted(found, key=lambda run: run.cpu)[ROUNDS // 2] for name, found in runs.items()}


def _spent(server: Server) -> tuple[float, float]:
    """CPU seconds of the server, and of the gateway."""
    gateway = use_of_family(server.gateway) if server.gateway is not None else Use()
    return use_of_family(server.pid).cpu, gateway.cpu


async def _talk(server: Server, members: list[Member], rate: float, seconds: float) -> int:
    sent, started = 0, asyncio.get_running_loop().time()
    while (now := asyncio.get_running_loop().time()) - started < seconds:
        while sent < (now - started) * rate:
            members[sent % SPEAKERS].say(server.say(marked()))
            sent += 1
        await asyncio.sleep(0.002)
    return sent


async def _arrived(tally: Tally, expected: int, name: str) -> None:
    for _ in range(1000):
        if tally.seen >= expected:
            return
        await asyncio.sleep(0.02)
    raise RuntimeError(f"{name}: {tally.seen} of {expected} arrived")


async def quiet_room(stack: Stack, seconds: float, members: int, rate: float, most: float) -> list[Line]:
    """Uncoalesced, beside all peers; then as configured by default, once a window."""
    install_peers(PEERS)
    peers: dict[str, Make] = {
        "C epoll": floor,
        "aiohttp naive": naive,
        "npm ws": partial(npm_ws, PEERS),
        "Socket.IO + Redis": partial(socketio, PEERS, stack.redis_url),
    }
    ours = {
        "Homeroom": partial(homeroom, stack, members, 0),
        "Homeroom by default": partial(homeroom, stack, members, WINDOW_MS),
    }
    found = await costs(ours | peers, members, rate, seconds)
    what = f"{members:,} members, {rate} messages/s"
    others = {name: found[name] for name in peers}
    return [
        *_compared(what, found["Homeroom"], others, most),
        *_by_default(what, found["Homeroom by default"], found["C epoll"]),
    ]


async def busy_room(stack: Stack, seconds: float) -> list[Line]:
    """Coalesced, as configured by default; then the same behind the gateway."""
    makes: dict[str, Make] = {
        "Homeroom": partial(homeroom, stack, 1000, WINDOW_MS),
        "C epoll": floor,
        "Homeroom behind the gateway": partial(homeroom, stack, 1000, WINDOW_MS, behind_gateway=True),
    }
    found = await costs(makes, 1000, 100, seconds)
    return [*_busy(found["Homeroom"], found["C epoll"]), *_behind(found["Homeroom behind the gateway"])]


async def idle_sockets(stack: Stack, count: int) -> list[Line]:
    """Sockets that say nothing, all in one room of one process."""
    async with homeroom(stack, count, WINDOW_MS) as server:
        before = use_of_family(server.pid).memory
        members = await joined(server, Tally(), count, 0)
        await asyncio.sleep(3)
        memory = (use_of_family(server.pid).memory - before) * 1024 / count
        gone = sum(member.transport is None or member.transport.is_closing() for member in members)
        if gone:
            raise RuntimeError(f"{gone} of {count} idle sockets were lost")
        return [Line(f"idle socket, {count:,} in one room of one process", "KiB", memory, {}, "≤ 20", memory <= 20)]


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


def _by_default(what: str, ours: Cost, least: Cost) -> list[Line]:
    what = f"{what}, once a window of {WINDOW_MS} ms"
    return [
        Line(f"chat delivery, {what}", "µs CPU", ours.cpu, {"C epoll, each by itself": least.cpu}),
        Line(f"… p50, {what}", "ms", ours.p50, {"C epoll, each by itself": least.p50}),
    ]


def _busy(ours: Cost, least: Cost) -> list[Line]:
    target = "≤ 1.5, below C epoll uncoalesced"
    reached = ours.cpu <= 1.5 and ours.cpu <= least.cpu
    added = ours.p50 - least.p50
    return [
        Line(f"chat delivery, {BUSY}", "µs CPU", ours.cpu, {"C epoll": least.cpu}, target, reached),
        Line(f"… p50, {BUSY}", "ms", ours.p50, {"C epoll": least.p50}, "≤ 50 added", added <= 50),
        Line(f"… p99, {BUSY}", "ms", ours.p99, {"C epoll": least.p99}),
    ]


def _behind(ours: Cost) -> list[Line]:
    what = f"server and gateway, {BUSY}"
    return [
        Line(f"chat delivery, {what}", "µs CPU", ours.cpu, {"gateway's part": ours.gateway}, "≤ 4", ours.cpu <= 4),
        Line(f"… p50, {what}", "ms", ours.p50, {}),
        Line(f"… p99, {what}", "ms", ours.p99, {}),
    ]


Part = Callable[[Stack, float], Coroutine[Any, Any, list[Line]]]
PARTS: dict[str, Part] = {
    "200": partial(quiet_room, members=200, rate=100, most=1.5),
    "1000": partial(quiet_room, members=1000, rate=20, most=1.6),
    "busy": busy_room,
    "idle": lambda stack, _: idle_sockets(stack, 5000),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    stack, found = running_stack(), _earlier() if options.parts else {}
    for part in options.parts or PARTS:
        found |= {line.work: line for line in uvloop.run(PARTS[part](stack, options.seconds))}
    tell("chat", found.values())


def _earlier() -> dict[str, Line]:
    return {line["work"]: Line(**line) for line in kept().get("chat", {}).get("lines", [])}


if __name__ == "__main__":
    main()
