"""Files through the real gateway, as a browser sends and reads them."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest

from chassis.testing import eventually
from dev.gateway_client import JSON
from dev.stack import Stack
from files import samples
from tests.system.conftest import Query
from tests.system.people import Person, School

MIB = 1024 * 1024


def announcement(name: str, data: bytes, content_type: str) -> dict[str, Any]:
    return {
        "name": name,
        "size": len(data),
        "content_type": content_type,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


async def post(person: Person, form: Mapping[str, Any], data: bytes) -> int:
    """The browser's form."""
    body = aiohttp.FormData()
    for name, value in form["fields"].items():
        body.add_field(name, value)
    body.add_field("file", data, filename="blob")
    async with person._session.post(person.url + form["url"], data=body) as answer:
        return answer.status


async def upload(person: Person, name: str, data: bytes, content_type: str) -> Any:
    """All three steps of docs/uploads.md."""
    begun = await person.send("POST", "/api/files/uploads", announcement(name, data, content_type))
    if begun["form"] is not None:
        assert await post(person, begun["form"], data) < 300
    else:
        await put_parts(person, begun["file"]["file_id"], data)
    return await complete(person, begun["file"]["file_id"])


async def put_parts(person: Person, file_id: str, data: bytes) -> None:
    parts = await person.send("POST", f"/api/files/uploads/{file_id}/parts")
    for part in parts["items"]:
        body = data[part["offset"] : part["offset"] + part["size"]]
        async with person._session.put(person.url + part["url"], data=body) as answer:
            assert answer.status == 200, await answer.text()


async def complete(person: Person, file_id: str) -> Any:
    async with asyncio.timeout(180):
        while True:
            file = await person.send("POST", f"/api/files/uploads/{file_id}/complete")
            if file["status"] != "checking":
                return file


async def read(person: Person, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """A download; header names with underscores for dashes."""
    sent = {"Authorization": f"Bearer {person.token}"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    async with person._session.get(f"{person.url}/api/files{path}", headers=sent) as answer:
        return answer.status, answer.headers.copy(), await answer.read()


async def test_a_file_travels_there_and_back(school: School) -> None:
    """GUARANTEES 46, 49: the service's type and name, nothing runs; ranges, ETag and 304 work."""
    sam, data = await school.student(), samples.picture("JPEG", (1200, 900))
    file = await upload(sam, "Grüße.jpg", data, "image/jpeg")
    assert (file["status"], file["thumbnail"]) == ("ready", True)
    path = f"/files/{file['file_id']}"
    status, headers, body = await read(sam, f"{path}/content")
    assert (status, body) == (200, data)
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe.jpg" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert (headers["ETag"], headers["Accept-Ranges"]) == (f'"{file["sha256"]}"', "bytes")
    status, headers, body = await read(sam, f"{path}/content", Range="bytes=100-199")
    assert (status, body, headers["Content-Range"]) == (206, data[100:200], f"bytes 100-199/{len(data)}")
    assert (await read(sam, f"{path}/content", Range=f"bytes={len(data)}-"))[0] == 416
    other = {"Range": "bytes=100-199", "If-Range": '"another"'}
    assert (await read(sam, f"{path}/content", **other))[::2] == (200, data)
    assert (await read(sam, f"{path}/content", If_None_Match=headers["ETag"]))[0] == 304
    status, headers, body = await read(sam, f"{path}/thumbnail")
    assert (status, headers["Content-Type"], body[8:12]) == (200, "image/webp", b"WEBP")


async def test_a_large_file_travels_in_parts(school: School) -> None:
    sam, data = await school.student(), samples.sound(4200)
    assert len(data) > 64 * MIB
    file = await upload(sam, "long.wav", data, "audio/wav")
    assert (file["status"], file["size"]) == ("ready", len(data))
    status, _, body = await read(sam, f"/files/{file['file_id']}/content", Range="bytes=40000000-40000099")
    assert (status, body) == (206, data[40_000_000:40_000_100])


async def test_a_lie_is_found_out_and_a_strangers_file_is_none(school: School, new_school: Any) -> None:
    """GUARANTEES 42, 46, 48."""
    sam, sue = await school.student("sam"), await school.student("sue")
    for name, data, content_type, reason in (
        ("evil.png", samples.HTML, "image/png", "wrong_type"),
        ("evil.pdf", samples.pdf_and_zip(), "application/pdf", "polyglot"),
    ):
        file = await upload(sam, name, data, content_type)
        assert (file["status"], file["reason"]) == ("rejected", reason)
        assert (await read(sam, f"/files/{file['file_id']}/content"))[0] == 404
    data = samples.pdf()
    begun = await sam.send("POST", "/api/files/uploads", announcement("a.pdf", data, "application/pdf"))
    assert await post(sam, begun["form"], data[:-1] + b"X") in {400, 403}
    good = await upload(sam, "a.pdf", data, "application/pdf")
    for stranger in (sue, (await new_school()).admin):
        status, _, body = await read(stranger, f"/files/{good['file_id']}/content")
        assert (status, b'"not_found"' in body) == (404, True)


@pytest.mark.timed
async def test_a_material_follows_the_classroom_within_five_seconds(school: School) -> None:
    """GUARANTEES 17, 42: attached in classroom, read through files; who is removed reads it no longer."""
    teacher, sam, sue = await school.teacher(), await school.student("sam"), await school.student("sue")
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    code = (await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/join-code"))["join_code"]
    await sam.send("POST", "/api/classroom/enrollments", {"join_code": code})
    data = samples.pdf(2)
    file = await upload(teacher, "sheet.pdf", data, "application/pdf")
    path = f"/files/{file['file_id']}/content"
    work = {"kind": "material", "title": "Lenses", "file_ids": [file["file_id"]], "status": "draft"}
    made = await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/assignments", work)
    assert (await read(sam, path))[0] == 404
    await teacher.call("PATCH", f"/api/classroom/assignments/{made['id']}", lambda: b'{"status":"published"}', JSON)
    await eventually(lambda: answers(sam, path, 200), within=5)
    assert (await read(sam, path))[2] == data
    assert (await read(sue, path))[0] == 404
    refused = await teacher.ask("DELETE", f"/api/files/files/{file['file_id']}")
    assert (refused.status, refused.data["code"]) == (409, "file_attached")
    await teacher.call("DELETE", f"/api/classroom/classrooms/{room['id']}/students/{sam.id}")
    await eventually(lambda: answers(sam, path, 404), within=5)


async def test_a_picture_of_a_question_waits_for_the_quiz(school: School) -> None:
    """A member reads it once somebody takes the quiz, and not before, though the quiz is published."""
    teacher, sam = await school.teacher(), await school.student("sam")
    room = await teacher.send("POST", "/api/classroom/classrooms", {"title": "Physics"})
    code = (await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/join-code"))["join_code"]
    await sam.send("POST", "/api/classroom/enrollments", {"join_code": code})
    file = await upload(teacher, "lens.png", samples.picture(), "image/png")
    path = f"/files/{file['file_id']}/content"
    work = {"kind": "quiz", "title": "Lenses", "status": "published"}
    quiz = await teacher.send("POST", f"/api/classroom/classrooms/{room['id']}/assignments", work)
    at = f"/api/classroom/assignments/{quiz['id']}"
    question = {"kind": "true_false", "title": "A lens?", "answer": True, "file_ids": [file["file_id"]]}
    body = orjson.dumps({"questions": [question]})
    await teacher.call("PUT", f"{at}/questions", lambda: body, JSON)
    await eventually(lambda: answers(teacher, path, 200))
    assert (await read(sam, path))[0] == 404
    await sam.send("POST", f"{at}/attempts")
    await eventually(lambda: answers(sam, path, 200))


async def answers(person: Person, path: str, status: int) -> bool:
    return (await read(person, path))[0] == status


async def test_uploads_outlive_the_death_of_both_processes(school: School, running: Stack, query: Query) -> None:
    """GUARANTEES 27: `kill -9` of web and worker while files are completed and inspected: each is ready in the end, its
    bytes are there, and every one was told of once."""
    sam = await school.student()
    pictures = [samples.picture("PNG", seed=number) for number in range(8)]
    two = asyncio.Semaphore(2)
    finished = [asyncio.create_task(patiently(sam, two, number, data)) for number, data in enumerate(pictures)]
    for name in ("files-worker", "files-web", "files-worker"):
        await eventually(lambda: reached(query, school, "checking"))
        await asyncio.to_thread(running.kill, name)
        await asyncio.to_thread(running.start, name)
    files = await asyncio.gather(*finished)
    assert [file["status"] for file in files] == ["ready"] * len(files)
    for file, data in zip(files, pictures, strict=True):
        assert (await read(sam, f"/files/{file['file_id']}/content"))[2] == data
        assert (await read(sam, f"/files/{file['file_id']}/thumbnail"))[0] == 200
    statement = "SELECT count(*), count(DISTINCT subject) FROM files.outbox WHERE school_id = %s"
    assert query(statement, school.id) == [(len(files), len(files))]


async def patiently(person: Person, two: asyncio.Semaphore, number: int, data: bytes) -> Any:
    """An upload by a client that tries again, as docs/uploads.md asks."""
    async with two:
        return await upload(person, f"{number}.png", data, "image/png")


async def reached(query: Query, school: School, status: str) -> bool:
    found = query("SELECT 1 FROM files.files WHERE school_id = %s AND status = %s", school.id, status)
    return bool(found)
