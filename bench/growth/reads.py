"""One web process of classroom with so many schools, classrooms and students: what its reads cost, and its cache."""

import asyncio
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiohttp
import psycopg2
import redis.asyncio
from psycopg2.extras import execute_values, register_uuid

from bench.chat.servers import process
from bench.table import percentile
from chassis.identity import Role
from chassis.testing import Caller, Issuer, database_copy, running_issuer, running_stack, uuid7
from dev.layout import ROOT

BASE = "/api/classroom"
WORKS = 6
REPEATS = 300
ASKING = 1_000  # students whose fragments are cached
Found = dict[tuple[str, str], float]
Room = dict[str, str]


@dataclass(slots=True)
class People:
    """Classrooms, each with its teacher and its students."""

    rooms: list[Room]
    teachers: list[Caller]
    students: list[Caller]
    admin: Caller


async def classroom_reads(*, classrooms: int, students: int, schools: int) -> Found:
    """Milliseconds and kilobytes of each read over HTTP; with many classrooms also the cache of a student in KiB."""
    stack = running_stack()
    with database_copy(stack, "classroom") as url:
        async with running_issuer() as issuer:
            settings = stack.services["classroom"] | {"DATABASE_URL": url, "JWKS_URL": issuer.url, "LOG_LEVEL": "error"}
            settings |= {"PORT": "1", "HOST": "127.0.0.1"}
            command = [sys.executable, "-m", "bench.bootstrap_servers", "ours"]
            async with (
                process(command, ROOT, **settings) as (_, port),
                aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
                redis.asyncio.Redis.from_url(settings["REDIS_URL"]) as cache,
            ):
                people = await _people(session, issuer, url, classrooms, students, schools)
                found = await _reads(session, people)
                return found | await _cached(session, cache, people) if schools > 1 or classrooms > 1 else found


async def _people(
    session: aiohttp.ClientSession, issuer: Issuer, url: str, classrooms: int, students: int, schools: int
) -> People:
    """A classroom's teacher makes it by the API; its students and its work are written into the tables."""
    names = [uuid7() for _ in range(schools)]
    teachers = [issuer.caller(Role.TEACHER, names[number % schools]) for number in range(classrooms)]
    _accounts(url, teachers)
    rooms: list[Room] = []
    for number, teacher in enumerate(teachers):
        document = {"title": f"Room {number}", "subject": "Physics"}
        async with session.post(f"{BASE}/classrooms", json=document, headers=teacher.headers) as answer:
            assert answer.status == 201, await answer.text()
            rooms.append(await answer.json())
    enrolled = [issuer.caller(Role.STUDENT, teacher.school_id) for teacher in teachers for _ in range(students)]
    _accounts(url, enrolled)
    _furnish(url, rooms, enrolled, students)
    return People(rooms, teachers, enrolled, issuer.caller(Role.ADMIN, names[0]))


def _accounts(url: str, people: Sequence[Caller]) -> None:
    rows = [
        (it.school_id, it.account_id, f"{it.account_id}@bench.example", f"Person {n}", it.role.value, "active", 1)
        for n, it in enumerate(people)
    ]
    _insert(url, "accounts (school_id, account_id, email, name, role, status, version)", rows)


def _furnish(url: str, rooms: Sequence[Room], enrolled: Sequence[Caller], students: int) -> None:
    members = [(it.school_id, rooms[n // students]["id"], it.account_id) for n, it in enumerate(enrolled)]
    _insert(url, "enrolments (school_id, classroom_id, student_id)", members)
    works = [
        (enrolled[n * students].school_id, room["id"], "homework", f"Homework {work}", "published", True)
        for n, room in enumerate(rooms)
        for work in range(WORKS)
    ]
    _insert(url, "assignments (school_id, classroom_id, kind, title, status, was_published)", works)


def _insert(url: str, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    register_uuid()  # type: ignore[no-untyped-call]
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        execute_values(cursor, f"INSERT INTO {table} VALUES %s", list(rows), page_size=1_000)
    with connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


async def _reads(session: aiohttp.ClientSession, people: People) -> Found:
    teacher, student, room = people.teachers[0], people.students[0], people.rooms[0]["id"]
    asked = {
        "bootstrap of a student": (student, f"{BASE}/bootstrap"),
        "bootstrap of a teacher": (teacher, f"{BASE}/bootstrap"),
        "list of a school's classrooms": (people.admin, f"{BASE}/classrooms?limit=50"),
        "list of a classroom's students": (teacher, f"{BASE}/classrooms/{room}/students?limit=200"),
    }
    found: Found = {}
    for name, (caller, path) in asked.items():
        size = await _ask(session, caller, path)
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            await _ask(session, caller, path)
            times.append(time.perf_counter() - started)
        found[f"{name}", "ms"] = 1e3 * percentile(times, 0.1)
        found[f"{name}", "KB"] = size / 1000
    return found


async def _cached(session: aiohttp.ClientSession, cache: "redis.asyncio.Redis", people: People) -> Found:
    asking = people.students[:: max(1, len(people.students) // ASKING)][:ASKING]
    before = (await cache.info("memory"))["used_memory"]
    for first in range(0, len(asking), 50):
        await asyncio.gather(*(_ask(session, it, f"{BASE}/bootstrap") for it in asking[first : first + 50]))
    after = (await cache.info("memory"))["used_memory"]
    return {("cache of a student who asked", "KiB"): max(0.0, (after - before) / 1024 / len(asking))}


async def _ask(session: aiohttp.ClientSession, caller: Caller, path: str) -> int:
    async with session.get(path, headers=caller.headers) as answer:
        assert answer.status == 200, await answer.text()
        return len(await answer.read())
