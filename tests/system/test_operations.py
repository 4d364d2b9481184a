"""What operators rely on: health, metrics, request ids, the stream, clean stops, replicas, quiet logs."""

import asyncio
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import aiohttp
import pytest
from aio_pika.abc import AbstractIncomingMessage

from chassis import topology
from chassis.testing import eventually
from dev.stack import Stack
from tests.system.conftest import Query
from tests.system.packages import sample, write
from tests.system.people import MAIL_DOMAIN, PASSWORD, School

# Longer than a process may take to finish what it has in hand, shorter than supervisord's patience.
GRACE_SECONDS = 25
SECRETS = re.compile(rf"{re.escape(PASSWORD)}|eyJ[\w-]{{10,}}\.[\w-]+\.|@[\w.]*{re.escape(MAIL_DOMAIN)}")
REPLICAS = ("lecture-chat-web-1", "lecture-chat-web-2")


def lines(stack: Stack, name: str) -> Iterator[Any]:
    """The JSON lines of a program's log."""
    for line in stack.state.log(name).read_text(errors="replace").splitlines():
        if line.startswith("{"):
            yield json.loads(line)


async def logged(stack: Stack, name: str, request_id: str) -> Any:
    """The line of a log that names the request, once it is written."""

    async def found() -> Any:
        return next((line for line in lines(stack, name) if line.get("request_id") == request_id), None)

    return await eventually(found)


async def test_every_process_tells_its_health_and_metrics(whole: Stack, processes: list[str]) -> None:
    assert len(processes) == 11
    async with aiohttp.ClientSession() as session:
        for name in processes:
            address = f"http://127.0.0.1:{whole.plan().ports[name]}"
            for path, telling in [("/healthz", '"ok"'), ("/readyz", '"ready"'), ("/metrics", "# HELP homeroom_")]:
                async with session.get(address + path) as answer:
                    assert answer.status == 200, (name, path)
                    assert telling in await answer.text()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/auth/../metrics"])
async def test_health_and_metrics_stay_inside(school: School, path: str) -> None:
    answer = await school.admin.ask("GET", path)
    assert "homeroom_" not in str(answer.data)
    assert '"ready"' not in str(answer.data)


async def test_a_request_id_travels_from_the_gateway_to_the_events(school: School, whole: Stack, query: Query) -> None:
    answer = await school.admin.ask("POST", "/api/classroom/classrooms", {"title": "Physics"})
    request_id = answer.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert (await logged(whole, "gateway", request_id))["path"] == "/api/classroom/classrooms"
    statement = "SELECT traceparent FROM classroom.outbox WHERE school_id = %s AND subject = %s"
    parents = query(statement, school.id, answer.data["id"])
    assert [parent.split("-")[1] for (parent,) in parents] == [request_id]

    told = (await replayed(whole, school.id, until=answer.data["id"]))[-1]
    assert (told["type"], told["traceparent"].split("-")[1]) == ("classroom.classroom-created.v1", request_id)


async def test_an_import_s_request_id_is_in_the_worker_s_log(school: School, whole: Stack, tmp_path: Path) -> None:
    answer = await school.post_package("auth", write(tmp_path, sample(school.domain)))
    line = await logged(whole, "auth-worker", answer.headers["X-Request-Id"])
    assert (line["event"], line["roster_id"]) == ("roster_finished", answer.data["id"])


@pytest.mark.timed
async def test_the_database_away_is_told_and_logged(school: School, running: Stack) -> None:
    """GUARANTEES 28: a bounded 503 that says when to come again; the request is found in both logs."""
    running.stop("postgres")
    started = time.monotonic()
    answer = await school.admin.ask("GET", "/api/classroom/classrooms")
    assert time.monotonic() - started < 10
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    request_id = answer.headers["X-Request-Id"]
    assert answer.data["request_id"] == request_id
    assert (await logged(running, "gateway", request_id))["status"] == 503
    assert (await logged(running, "classroom-web", request_id))["event"] == "unavailable"
    await asyncio.to_thread(running.start, "postgres")
    assert await school.admin.everything("/api/classroom/classrooms") == []


async def replayed(stack: Stack, school_id: str, until: str) -> list[Any]:
    """The past of a school, as any AMQP client reads it: from the stream's beginning to an event about `until`."""
    events: list[Any] = []
    there = asyncio.Event()

    async def take(message: AbstractIncomingMessage) -> None:
        await message.ack()
        if school_id.encode() in message.body and not there.is_set():
            events.append(json.loads(message.body))
            if events[-1]["subject"] == until:
                there.set()

    async with await aio_pika.connect(stack.description()["amqp_url"]) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1000)
        stream = await channel.get_queue(topology.STREAM, ensure=False)
        await stream.consume(take, arguments={"x-stream-offset": "first"})
        async with asyncio.timeout(300):  # other tests write to it meanwhile
            await there.wait()
    return [event for event in events if event["schoolid"] == school_id]


async def test_a_stranger_replays_the_past_of_a_school(school: School, whole: Stack, tmp_path: Path) -> None:
    await school.take(write(tmp_path, sample(school.domain)))
    room = await school.admin.send("POST", "/api/classroom/classrooms", {"title": "The last"})
    events = await replayed(whole, school.id, until=room["id"])
    kinds = [event["type"] for event in events]
    assert kinds.count("auth.school-registered.v1") == 1
    assert kinds.count("auth.roster-imported.v1") == 1
    assert kinds.count("classroom.classroom-created.v1") == 5
    assert kinds.count("classroom.student-enrolled.v1") == 43
    names = {event["data"]["name"] for event in events if event["type"] == "auth.account-created.v1"}
    assert {"João Araújo", "優希 田中"} <= names
    assert len({event["id"] for event in events}) == len(events)
    for subject in {event["subject"] for event in events}:
        sequences = [event["sequence"] for event in events if event["subject"] == subject]
        assert sequences == sorted(sequences)


@pytest.mark.timed
async def test_every_process_stops_in_order_and_comes_back(running: Stack, processes: list[str]) -> None:
    names = [*processes, "gateway"]
    started = time.monotonic()
    await asyncio.to_thread(running.stop, *names)
    assert time.monotonic() - started < GRACE_SECONDS
    ends = {name: running.supervisor.exit_status(name) for name in names}
    assert ends == dict.fromkeys(names, 0)
    await asyncio.to_thread(running.start, *names)  # waits until each is ready
    assert {running.states()[name] for name in names} == {"RUNNING"}


async def test_both_replicas_serve_and_one_may_die(school: School, running: Stack) -> None:
    teacher = await school.teacher()
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    path = f"/api/lecture-chat/lectures?classroom_id={room['id']}"
    answers = [await teacher.ask("GET", path) for _ in range(40)]
    assert {answer.status for answer in answers} == {200}
    served = [await logged(running, "gateway", answer.headers["X-Request-Id"]) for answer in answers]
    ports = {f"127.0.0.1:{running.plan().ports[name]}" for name in REPLICAS}
    assert {line["upstream"] for line in served} == ports

    running.kill(REPLICAS[0])
    assert {(await teacher.ask("GET", path)).status for _ in range(40)} == {200}
    await asyncio.to_thread(running.start, REPLICAS[0])


async def test_without_redis_reads_are_right(school: School, running: Stack) -> None:
    """GUARANTEES 29."""
    teacher, other = await school.teacher("tea"), await school.teacher("tom")
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    assert await titles(teacher) == ["Physics"]
    running.kill("redis")
    assert await titles(teacher) == ["Physics"]
    await teacher.send("PATCH", f"/api/classroom/classrooms/{room['id']}", {"title": "Optics"})
    assert await titles(teacher) == ["Optics"]
    await school.admin.send("DELETE", f"/api/auth/accounts/{other.id}")

    async def is_out() -> bool:
        return (await other.ask("GET", "/api/classroom/bootstrap")).status == 401

    await eventually(is_out)
    await asyncio.to_thread(running.start, "redis")

    async def is_right() -> bool:
        return await titles(teacher) == ["Optics"]

    await eventually(is_right)


async def titles(person: Any) -> list[str]:
    bootstrap = await person.get("/api/classroom/bootstrap")
    return [part["classroom"]["title"] for part in bootstrap["classrooms"]]


async def test_a_stopped_service_does_not_hold_up_the_others(school: School, running: Stack) -> None:
    running.signal("grading-worker", signal.SIGSTOP)
    try:
        teacher = await school.teacher()
        await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
        assert (await teacher.ask("GET", "/api/grading/teachers")).status == 403
        assert await titles(teacher) == ["Physics"]
    finally:
        running.signal("grading-worker", signal.SIGCONT)

    async def caught_up() -> bool:
        found = await school.admin.everything("/api/grading/teachers")
        return [room["title"] for one in found for room in one["classrooms"]] == ["Physics"]

    await eventually(caught_up)


def telling(text: str) -> list[str]:
    return [line for line in text.splitlines() if SECRETS.search(line)]


async def test_no_log_tells_a_secret_or_an_address(school: School, whole: Stack, tmp_path: Path) -> None:
    """Of all that the tests before this one did, too."""
    person = await school.teacher()
    await person.ask("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD + "x"})
    await person.ask("POST", "/api/auth/schools", {"email": person.email, "password": PASSWORD})
    document = {"school_name": "x", "name": "x", "email": person.email, "password": PASSWORD}
    assert (await person.ask("POST", "/api/auth/schools", document)).status == 409
    assert (await person.ask("GET", f"/api/auth/me?token={person.token}&email={person.email}")).status == 422
    assert (await person.ask("GET", f"/api/auth/accounts?search={person.email}")).status == 403
    last = await person.ask("GET", "/api/auth/me", headers={"Authorization": f"Bearer {person.token[:-4]}AAAA"})
    await logged(whole, "gateway", last.headers["X-Request-Id"])
    logs = sorted((whole.state.folder / "logs").glob("*.log*"))
    assert len(logs) >= 17
    found = {log.name: telling(log.read_text(errors="replace")) for log in logs}
    assert {name: found_lines[:3] for name, found_lines in found.items() if found_lines} == {}
    assert telling(f"one {PASSWORD}\ntwo {person.token}\nthree {person.email}\nfour") != []
    assert len(telling(f"one {PASSWORD}\ntwo {person.token}\nthree {person.email}\nfour")) == 3
