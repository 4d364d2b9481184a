"""A warm, authenticated read of 4 KB: `python -m bench.bootstrap [--requests 40000]`.

`GET /api/classroom/bootstrap` of one web process of classroom with its real database, Redis and broker (`make
test-stack`), over kept connections, for a hundred students whose fragments are cached; then the same with
`If-None-Match`. CPU is the process's own, from /proc. Peers in the same run: the same bytes from memory by a bare
aiohttp server, and the usual way, a token verified and Redis asked for each request.
"""

import argparse
import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import psycopg2
import redis.asyncio
from psycopg2.extras import execute_values, register_uuid

from bench.bootstrap_servers import PATH
from bench.chat.servers import process
from bench.table import Line, tell
from bench.usage import use_of_family
from chassis.identity import Role
from chassis.testing import Caller, database_copy, running_issuer, running_stack, uuid7
from dev.layout import ROOT

STUDENTS, CONNECTIONS = 100, 32
TARGET = 30.0


def prepare(url: str, people: Sequence[Caller]) -> None:
    """A classroom with as much in it as makes an answer of about 4 KB."""
    register_uuid()  # type: ignore[no-untyped-call]
    school, room = people[0].school_id, uuid7()
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO classrooms (id, school_id, title) VALUES (%s, %s, 'Algebra')", [room, school])
        enrolled = [(school, room, it.account_id) for it in people]
        execute_values(cursor, "INSERT INTO enrolments (school_id, classroom_id, student_id) VALUES %s", enrolled)
        named = "school_id, classroom_id, kind, title, status, was_published"
        given = [(school, room, "homework", f"Homework {n}", "published", True) for n in range(6)]
        execute_values(cursor, f"INSERT INTO assignments ({named}) VALUES %s", given)
    connection.close()


async def lines(requests: int = 40_000) -> list[Line]:
    """Microseconds of CPU a request."""
    stack = running_stack()
    with database_copy(stack, "classroom") as url:
        async with running_issuer() as issuer:
            school = uuid7()
            people = [issuer.caller(Role.STUDENT, school) for _ in range(STUDENTS)]
            prepare(url, people)
            settings = stack.services["classroom"] | {"DATABASE_URL": url, "JWKS_URL": issuer.url, "LOG_LEVEL": "error"}
            return await _lines(settings, people, requests)


async def _lines(settings: dict[str, str], people: Sequence[Caller], requests: int) -> list[Line]:
    async with _server("ours", settings) as (pid, port):
        etag, body = await _first(port, people)
        again = {"If-None-Match": etag}
        ours = await _cost(pid, port, people, requests)
        unchanged = await _cost(pid, port, people[:1], requests // 2, **again)
    async with _stored(settings, body) as peers:
        costs = {}
        for name in ("memory", "naive"):
            async with _server(name, peers) as (pid, port):
                costs[name] = await _cost(pid, port, people, requests)
    found = {"aiohttp from memory": costs["memory"], "aiohttp + redis-py + PyJWT, naive": costs["naive"]}
    work = f"warm authenticated /bootstrap, {len(body) / 1000:.1f} KB"
    floor = {"aiohttp from memory": costs["memory"]}
    return [
        Line(work, "µs CPU", ours, found, f"≤ {TARGET:.0f}", ours <= TARGET),
        Line("the same, unchanged (304)", "µs CPU", unchanged, floor),
    ]


@asynccontextmanager
async def _server(name: str, settings: dict[str, str]) -> AsyncIterator[tuple[int, int]]:
    environment = settings | {"PORT": "1", "HOST": "127.0.0.1"}
    async with process([sys.executable, "-m", "bench.bootstrap_servers", name], ROOT, **environment) as found:
        yield found


@asynccontextmanager
async def _stored(settings: dict[str, str], body: bytes) -> AsyncIterator[dict[str, str]]:
    """What the peers need, with the same answer under a key of Redis."""
    key = f"bench:{secrets.token_hex(8)}"
    store = redis.asyncio.Redis.from_url(settings["REDIS_URL"])
    await store.set(key, body, ex=600)
    try:
        yield settings | {"BENCH_KEY": key}
    finally:
        await store.delete(key)
        await store.aclose()


async def _first(port: int, people: Sequence[Caller]) -> tuple[str, bytes]:
    """Everybody asks once, so that all is warm; the first one's ETag and answer."""
    answers = []
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for person in people:
            async with session.get(PATH, headers=person.headers) as response:
                assert response.status == 200
                answers.append((response.headers["ETag"], await response.read()))
    return answers[0]


async def _cost(pid: int, port: int, people: Sequence[Caller], requests: int, **headers: str) -> float:
    asked = [_request(person, headers) for person in people]
    await _load(port, asked, CONNECTIONS * 10)
    before = use_of_family(pid).cpu
    await _load(port, asked, requests)
    return 1e6 * (use_of_family(pid).cpu - before) / requests


def _request(person: Caller, headers: dict[str, str]) -> bytes:
    lines = [f"GET {PATH} HTTP/1.1", "Host: bench", *(f"{k}: {v}" for k, v in (person.headers | headers).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _load(port: int, asked: Sequence[bytes], requests: int) -> None:
    """Ask over all connections at once, each with its next request as soon as it is answered."""

    async def ask(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in range(number, requests, CONNECTIONS):
            writer.write(asked[turn % len(asked)])
            head = await reader.readuntil(b"\r\n\r\n")
            assert head[9:12] in (b"200", b"304"), head
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0) if head[9:12] == b"200" else 0)
        writer.close()

    await asyncio.gather(*(ask(number) for number in range(CONNECTIONS)))


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=40_000)
    tell("bootstrap", asyncio.run(lines(parser.parse_args().requests)))


if __name__ == "__main__":
    main()
