"""What people do all day: each function goes on until it is cancelled and tells the tally what it saw."""

import asyncio
import hashlib
import os
import random
from contextlib import suppress
from secrets import token_hex
from typing import Any

import aiohttp
import orjson

from bench.soak.course import JSON, Course, Tally, send
from dev.gateway_client import Api


async def pause(least: float, most: float) -> None:
    """Think for some seconds."""
    await asyncio.sleep(random.uniform(least, most))


async def study(course: Course, student: Api, tally: Tally) -> None:
    """Open the app, look at the own figures, again and again."""
    while True:
        await tally.timed("bootstrap", student.get("/api/classroom/bootstrap"))
        await pause(0.5, 2)
        await tally.timed("own figures", student.get(f"/api/grading/me/classrooms/{course.room}"))
        await pause(2, 6)


async def take_quizzes(course: Course, student: Api, tally: Tally) -> None:
    """Take the quiz over and over: start, answer each question, hand in."""
    path = f"/api/classroom/assignments/{course.quiz}/attempts"
    while True:
        await pause(5, 30)
        attempt = await tally.timed("start a quiz", send(student, "POST", path))
        if attempt is None:
            continue
        own = f"/api/classroom/attempts/{attempt['id']}"
        for question in attempt["questions"]:
            await pause(0.5, 3)
            answer = {"value": random.random() < 0.7, "rev": 1}
            await tally.timed("answer", send(student, "PUT", f"{own}/answers/{question['id']}", answer))
        await tally.timed("hand in a quiz", send(student, "POST", f"{own}/submit"))


async def hand_in(course: Course, student: Api, tally: Tally) -> None:
    """Upload a text, turn it in, read it back, take the work back again."""
    own = f"/api/classroom/assignments/{course.homework}/submissions/me"
    while True:
        await pause(10, 60)
        text = os.urandom(30_000).hex().encode()
        file = await tally.timed("upload", _upload(student, text))
        if file is None:
            continue
        await tally.timed("write homework", send(student, "PUT", own, {"body": "Done.", "file_ids": [file["file_id"]]}))
        await tally.timed("turn in", send(student, "POST", f"{own}/turn-in"))
        if await tally.timed("download", _download(student, file["file_id"])) not in (None, text):
            tally.errors["download: other bytes"] += 1
        await pause(5, 20)
        await tally.timed("reclaim", send(student, "POST", f"{own}/reclaim"))


async def _upload(student: Api, data: bytes) -> Any:
    """The three steps of docs/uploads.md; the file."""
    digest = hashlib.sha256(data).hexdigest()
    announced = {"name": f"{token_hex(4)}.txt", "size": len(data), "content_type": "text/plain", "sha256": digest}
    begun = await send(student, "POST", "/api/files/uploads", announced)
    form = aiohttp.FormData()
    for name, value in begun["form"]["fields"].items():
        form.add_field(name, value)
    form.add_field("file", data, filename="blob")
    async with student._session.post(student.url + begun["form"]["url"], data=form) as answer:
        answer.raise_for_status()
    while True:
        complete = f"/api/files/uploads/{begun['file']['file_id']}/complete"
        if (file := await send(student, "POST", complete))["status"] != "checking":
            return file


async def _download(student: Api, file_id: str) -> bytes:
    headers = {"Authorization": f"Bearer {student.token}"}
    url = f"{student.url}/api/files/files/{file_id}/content"
    async with student._session.get(url, headers=headers, raise_for_status=True) as answer:
        return await answer.read()


async def teach(course: Course, tally: Tally) -> None:
    """Grade and release, look at the gradebook and at the quiz, add work."""
    work = f"/api/classroom/classrooms/{course.room}/assignments"
    while True:
        graded = f"/api/classroom/assignments/{course.exercise}/grades/{random.choice(course.ids)}"
        score = {"score": str(random.randint(0, 20)), "released": True}
        current = await tally.timed("read a grade", _grade_version(course.teacher, graded))
        headers = JSON | ({"If-Match": current} if current else {})
        change = course.teacher.call("PUT", graded, lambda score=score: orjson.dumps(score), headers)  # type: ignore[misc]
        await tally.timed("grade", change)
        await tally.timed("gradebook", course.teacher.get(f"/api/grading/classrooms/{course.room}/gradebook"))
        progress = f"/api/classroom/assignments/{course.quiz}/progress"
        await tally.timed("quiz progress", course.teacher.get(progress))
        if random.random() < 0.05:
            document = {"kind": "homework", "title": f"Work {token_hex(3)}", "status": "published"}
            await tally.timed("assign", send(course.teacher, "POST", work, document))
        await pause(0.5, 1.5)


async def _grade_version(teacher: Api, path: str) -> str:
    """The ETag of the grade, or nothing where there is none yet."""
    grades = (await teacher.get(path.rsplit("/", 1)[0]))["items"]
    own = [grade for grade in grades if grade["student_id"] == path.rsplit("/", 1)[1]]
    return f'"{own[0]["version"]}"' if own and own[0].get("version") else ""


async def chat(course: Course, student: Api, tally: Tally) -> None:
    """Hold a socket, write now and then, come back where it is closed; what was not acked is sent again."""
    url = f"{student.url}/api/lecture-chat/lectures/{course.lecture}/socket"
    waiting: set[str] = set()
    while True:
        await student._renew()
        protocols = ("homeroom.v1", f"bearer.{student.token}")
        try:
            async with student._session.ws_connect(url, protocols=protocols, max_msg_size=0) as socket:
                await asyncio.gather(_listen(socket, waiting, tally), _talk(socket, waiting, tally))
        except (aiohttp.ClientError, ConnectionError) as error:
            tally.errors[f"socket: {type(error).__name__}"] += 1
        await pause(0.5, 1.5)


async def _talk(socket: aiohttp.ClientWebSocketResponse, waiting: set[str], tally: Tally) -> None:
    for client_id in list(waiting):
        await _say(socket, client_id)
    while True:
        await pause(3, 9)
        if socket.closed or tally.over:  # what is sent at the end could not be waited for
            return
        client_id = token_hex(8)
        waiting.add(client_id)
        tally.sent.add(client_id)
        await _say(socket, client_id)


async def _say(socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
    with suppress(ConnectionError, aiohttp.ClientError):
        await socket.send_str(orjson.dumps({"type": "send", "client_id": client_id, "body": "a word"}).decode())


async def _listen(socket: aiohttp.ClientWebSocketResponse, waiting: set[str], tally: Tally) -> None:
    async for message in socket:
        frame = orjson.loads(message.data)
        if frame["type"] == "ack":
            waiting.discard(frame["client_id"])
            tally.acked.add(frame["client_id"])
        elif frame["type"] in ("message", "messages"):
            tally.delivered += len(frame.get("items", frame.get("messages", [None])))
