"""Downloads: who may read what, how it is sent, and that it follows what happens in the classroom."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from minio.error import ServerError
from PIL import Image

from chassis.db import Database
from chassis.testing import uuid7
from files import samples
from files.storage import Storage
from files.testing import Actor, attachment, classroom, event, member, tell

People = dict[str, Actor]
pytestmark = pytest.mark.usefixtures("inspector")


async def readers(people: People, file_id: str) -> set[str]:
    """Who gets the bytes."""
    return {name for name, actor in people.items() if (await actor.read(file_id))[0] == 200}


async def test_reading_follows_attachments_and_members(people: People, database: Database) -> None:
    """GUARANTEES 42: each change of the classroom changes who may read, in both directions."""
    sam, school_id, room, other = people["sam"], people["sam"].caller.school_id, uuid7(), uuid7()
    file = await sam.upload("a.txt", b"mine", "text/plain")
    file_id, link = file["file_id"], uuid7()

    async def after(*events: Any) -> set[str]:
        await tell(database, events)
        return await readers(people, file_id)

    assert await readers(people, file_id) == {"sam"}
    people_here = [member("teacher", room, people["tara"]), member("student", room, people["sue"]),
                   member("student", room, people["sid"]), member("teacher", other, people["theo"])]  # fmt: skip
    assert await after(classroom(room, school_id), classroom(other, school_id), *people_here) == {"sam"}
    assert await after(attachment(file, room, school_id, attachment_id=link)) == {"sam", "tara"}
    group = attachment(file, room, school_id, attachment_id=link, sequence=2, reader_ids=[str(people["sue"].id)])
    assert await after(group) == {"sam", "tara", "sue"}
    everybody = attachment(file, room, school_id, attachment_id=link, sequence=3, audience="members")
    assert await after(everybody) == {"sam", "tara", "sue", "sid"}
    # What comes late takes nothing back.
    assert await after(group) == {"sam", "tara", "sue", "sid"}
    # A reader who no longer attends is none.
    again = attachment(file, room, school_id, attachment_id=link, sequence=4, reader_ids=[str(people["sid"].id)])
    assert await after(again) == {"sam", "tara", "sid"}
    gone = member("student", room, people["sid"], "removed", 2)
    assert await after(gone) == {"sam", "tara"}
    # An event of another school says nothing here.
    stolen = event("classroom.attachment-added", uuid7(), people["stranger"].caller.school_id, group.data)
    assert await after(stolen) == {"sam", "tara"}
    assert await after(classroom(room, school_id, "deleted", 2)) == {"sam"}


async def test_how_a_file_is_sent(people: People) -> None:
    """GUARANTEES 46, 49: the type is ours, the name harmless, and `inline` only what a browser shows safely."""
    sam = people["sam"]
    file = await sam.upload('Grüße "1".txt', b"hello", "text/plain")
    status, headers, body = await sam.read(file["file_id"])
    assert (status, body) == (200, b"hello")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"Gr__e _1_.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20_1_.txt"
    )
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["ETag"] == f'"{file["sha256"]}"'
    status, headers, _ = await sam.read(file["file_id"], **{"If-None-Match": headers["ETag"]})
    assert (status, headers.get("X-Accel-Redirect")) == (304, None)
    assert (await sam.read(file["file_id"], "content?disposition=inline"))[1]["Content-Disposition"].startswith(
        "inline"
    )
    document = await sam.upload("a.docx", samples.docx(), samples.DOCX)
    given = (await sam.read(document["file_id"], "content?disposition=inline"))[1]["Content-Disposition"]
    assert given.startswith("attachment")
    assert (await sam.read(document["file_id"], "thumbnail"))[0] == 404


async def test_a_thumbnail_is_small_and_says_nothing_of_the_camera(people: People) -> None:
    picture = Image.new("RGB", (3000, 1000), "red")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    file = await people["sam"].upload("a.jpg", out.getvalue(), "image/jpeg")
    status, headers, body = await people["sam"].read(file["file_id"], "thumbnail")
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    shown = Image.open(io.BytesIO(body))
    # Turned upright, as the camera said.
    assert shown.height > shown.width
    assert max(shown.size) <= 400
    assert b"Secret" not in body


async def test_all_work_of_an_assignment_as_one_zip(people: People, database: Database) -> None:
    tara, room, assignment, school_id = people["tara"], uuid7(), uuid7(), people["tara"].caller.school_id
    names = {"sam": "../Ann/Lee", "sue": "Ann Lee", "sid": "Ann Lee"}
    work = [
        ("sam", "essay.txt", b"one"), ("sam", "essay.txt", b"two"), ("sue", "essay.txt", b"three"),
        ("sid", "Essay.TXT", b"four"),
    ]  # fmt: skip
    await tell(database, [classroom(room, school_id), member("teacher", room, tara)])
    for who, name in names.items():
        person = {"account_id": str(people[who].id), "name": name, "role": "student", "status": "active"}
        await tell(database, [event("auth.account-created", people[who].id, school_id, person)])
    for who, name, data in work:
        file = await people[who].upload(name, data, "text/plain")
        handed_in = attachment(file, room, school_id, assignment_id=str(assignment), submission_id=str(uuid7()))
        await tell(database, [handed_in])
    status, body = await tara.call("GET", f"/assignments/{assignment}/submissions.zip")
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(found.values()) == [b"four", b"one", b"three", b"two"]
    assert {name.split("/")[0] for name in found} == {"Lee", "Ann Lee", "Ann Lee (2)"}
    assert {name for name in found if name.startswith("Lee/")} == {"Lee/essay.txt", "Lee/essay (2).txt"}
    for name in ("theo", "stranger"):
        assert (await people[name].call("GET", f"/assignments/{assignment}/submissions.zip"))[0] == 404
    assert (await people["sam"].call("GET", f"/assignments/{assignment}/submissions.zip"))[0] == 403


async def test_half_a_zip_never_looks_whole(
    people: People, database: Database, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails midway ends the connection short of the length that was announced."""
    tara, room, assignment, school_id = people["tara"], uuid7(), uuid7(), people["tara"].caller.school_id
    await tell(database, [classroom(room, school_id), member("teacher", room, tara)])
    for number in range(2):
        file = await people["sam"].upload(f"{number}.txt", b"x" * 100_000, "text/plain")
        handed_in = attachment(file, room, school_id, assignment_id=str(assignment), submission_id=str(uuid7()))
        await tell(database, [handed_in])
    whole, calls = storage.chunks, list[str]()

    def chunks(key: str) -> Iterator[bytes]:
        calls.append(key)
        if len(calls) > 1:
            raise ServerError("gone", 500)
        return whole(key)

    monkeypatch.setattr(storage, "chunks", chunks)
    with pytest.raises(aiohttp.ClientPayloadError):
        await tara.call("GET", f"/assignments/{assignment}/submissions.zip")


async def test_a_person_lists_and_deletes_their_own(people: People, database: Database, sql: Any) -> None:
    sam, school_id, room = people["sam"], people["sam"].caller.school_id, uuid7()
    files = [await sam.upload(f"{number}.txt", b"x" * 10, "text/plain") for number in range(3)]
    _, first = await sam.call("GET", "/files?limit=2")
    _, second = await sam.call("GET", f"/files?limit=2&cursor={first['next_cursor']}")
    assert [file["name"] for file in first["items"] + second["items"]] == ["2.txt", "1.txt", "0.txt"]
    assert second["next_cursor"] is None
    assert (await sam.call("GET", "/usage"))[1]["account"]["bytes"] == 30
    attached = attachment(files[0], room, school_id)
    await tell(database, [attached])
    status, problem = await sam.call("DELETE", f"/files/{files[0]['file_id']}")
    assert (status, problem["code"]) == (409, "file_attached")
    assert (await sam.call("DELETE", f"/files/{files[1]['file_id']}"))[0] == 204
    assert (await sam.call("DELETE", f"/files/{files[1]['file_id']}"))[0] == 404
    assert (await sam.read(files[1]["file_id"]))[0] == 404
    assert (await sam.call("GET", "/usage"))[1] == {
        "account": {"bytes": 20, "files": 2, "quota_bytes": 5 * 1024**3},
        "school": None,
    }
    assert sql("SELECT data ->> 'status' FROM outbox WHERE type = 'files.file-deleted.v1'") == [("deleted",)]
