"""Uploads: exactly the announced bytes are taken, and nobody reads them before they are inspected."""

import asyncio
import gzip
from typing import Any

import pytest

from chassis.contracts import check_event
from chassis.db import Database
from chassis.outbox import unsent_events
from files import samples
from files.config import Config
from files.storage import Storage, key_of
from files.testing import Actor, announcement, sha256

People = dict[str, Actor]
GOOD = {
    "picture.png": (samples.picture("PNG"), "image/png", True),
    "photo.JPG": (samples.picture("JPEG"), "image/jpeg", True),
    "essay.pdf": (samples.pdf(3), "application/pdf", True),
    "letter.docx": (samples.docx(), samples.DOCX, False),
    "notes.txt": ("Grüße\n".encode(), "text/plain", False),
    "silence.wav": (samples.sound(), "audio/wav", False),
}


@pytest.mark.usefixtures("inspector")
async def test_good_files_become_ready(people: People, database: Database) -> None:
    sam = people["sam"]
    for name, (data, content_type, thumbnail) in GOOD.items():
        file = await sam.upload(name, data, content_type)
        assert (file["status"], file["reason"], file["thumbnail"]) == ("ready", None, thumbnail), (name, file)
        assert (await sam.read(file["file_id"]))[2] == data
    events = await unsent_events(database, "files")
    assert [event.data["name"] for event in events] == list(GOOD)
    for event in events:
        check_event(event)


@pytest.mark.usefixtures("inspector")
async def test_what_an_uploader_calls_packed_is_never_unpacked(people: People) -> None:
    """GUARANTEES 47, 48: a form may carry more than its policy names; an encoding is neither believed nor undone."""
    sam, bomb = people["sam"], gzip.compress(bytes(50 * 1024 * 1024))
    for data, verdict in ((b"never packed", "ready"), (bomb, "rejected")):
        _, begun = await sam.begin("notes.txt", data, "text/plain")
        assert await sam.post(begun["form"], data, **{"Content-Encoding": "gzip"}) < 300
        file = await sam.complete(begun["file"]["file_id"])
        assert (file["status"], file["reason"]) == (verdict, None if verdict == "ready" else "wrong_type")


@pytest.mark.usefixtures("inspector")
async def test_a_file_in_parts_resumes_where_it_broke(people: People, settings: Config) -> None:
    sam, data = people["sam"], samples.sound(700)
    assert len(data) > settings.parts_above_bytes
    _, begun = await sam.begin("long.wav", data, "audio/wav")
    assert begun["form"] is None
    file_id = begun["file"]["file_id"]
    _, parts = await sam.call("POST", f"/uploads/{file_id}/parts")
    first = parts["items"][0]
    assert await sam.put(first["url"], data[: first["size"]]) == 200
    status, problem = await sam.call("POST", f"/uploads/{file_id}/complete")
    assert (status, problem["code"]) == (409, "parts_missing")
    _, resumed = await sam.call("POST", f"/uploads/{file_id}/parts")
    assert [part["stored"] for part in resumed["items"]] == [True, *[False] * (len(resumed["items"]) - 1)]
    for part in resumed["items"][1:]:
        assert await sam.put(part["url"], data[part["offset"] : part["offset"] + part["size"]]) == 200
    file = await sam.complete(file_id)
    assert (file["status"], file["sha256"]) == ("ready", sha256(data))
    assert (await sam.read(file_id))[2] == data
    # The permission of a part ends with its upload.
    assert await sam.put(first["url"], b"x" * first["size"]) >= 400
    assert (await sam.read(file_id))[2] == data


@pytest.mark.usefixtures("inspector")
async def test_parts_are_joined_once_by_many_at_once(
    people: People, settings: Config, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All have seen the parts before the first has joined them."""
    sam, data, joins = people["sam"], samples.sound(700), 3
    _, begun = await sam.begin("long.wav", data, "audio/wav")
    file_id = begun["file"]["file_id"]
    _, parts = await sam.call("POST", f"/uploads/{file_id}/parts")
    for part in parts["items"]:
        assert await sam.put(part["url"], data[part["offset"] : part["offset"] + part["size"]]) == 200
    all_here, join = asyncio.Barrier(joins), storage.join_parts

    async def join_together(*given: Any) -> None:
        await all_here.wait()
        await join(*given)

    monkeypatch.setattr(storage, "join_parts", join_together)
    answers = await asyncio.gather(*(sam.call("POST", f"/uploads/{file_id}/complete") for _ in range(joins)))
    assert [status for status, _ in answers] == [200] * joins
    monkeypatch.undo()
    assert (await sam.complete(file_id))["status"] == "ready"
    assert (await sam.read(file_id))[2] == data


async def test_a_changed_policy_is_refused(people: People, storage: Storage) -> None:
    """GUARANTEES 48: another key, type, length, content; and nothing is there afterwards."""
    sam, data = people["sam"], samples.pdf()
    _, begun = await sam.begin("a.pdf", data, "application/pdf")
    form, other = begun["form"], samples.pdf(2)
    stolen = key_of(sam.caller.school_id, people["sue"].id)
    for changed in (
        {"key": stolen},
        {"Content-Type": "text/html"},
        {"x-amz-checksum-sha256": "A" * 43 + "="},
        {"policy": form["fields"]["policy"][:-8] + "AAAAAAAA"},
        {"x-amz-date": "20200101T000000Z"},
    ):
        assert await sam.post(form, data, **changed) >= 400, changed
    for wrong in (data + b"\n", data[:-1], other, bytes(len(data))):
        assert await sam.post(form, wrong) >= 400
    assert await storage.size(form["fields"]["key"]) is None
    assert await storage.size(stolen) is None
    status, problem = await sam.call("POST", f"/uploads/{begun['file']['file_id']}/complete")
    assert (status, problem["code"]) == (409, "bytes_missing")


@pytest.mark.usefixtures("inspector")
async def test_a_reused_policy_changes_nothing(people: People) -> None:
    """GUARANTEES 48: it can only store the same bytes again."""
    sam, data = people["sam"], samples.pdf()
    _, begun = await sam.begin("a.pdf", data, "application/pdf")
    await sam.post(begun["form"], data)
    file = await sam.complete(begun["file"]["file_id"])
    assert await sam.post(begun["form"], bytes(len(data))) >= 400
    assert (await sam.read(file["file_id"]))[2] == data


@pytest.mark.usefixtures("inspector")
async def test_completion_hashes_again(people: People, storage: Storage, tmp_path: Any) -> None:
    """GUARANTEES 48: bytes that got into the store by another way are found out."""
    sam, data = people["sam"], samples.pdf()
    _, begun = await sam.begin("a.pdf", data, "application/pdf")
    changed = tmp_path / "changed"
    changed.write_bytes(data[:-1] + b"X")
    await storage.store(key_of(sam.caller.school_id, begun["file"]["file_id"]), changed, "application/pdf")
    file = await sam.complete(begun["file"]["file_id"])
    assert (file["status"], file["reason"]) == ("rejected", "wrong_hash")
    assert (await sam.read(file["file_id"]))[0] == 404


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"size": 10**12}, "body.size"),
    ({"size": 0}, "body.size"),
    ({"content_type": "text/html"}, "body.content_type"),
    ({"content_type": "image/svg+xml"}, "body.content_type"),
    ({"name": "a.exe"}, "body.name"),
    ({"name": "a.html"}, "body.name"),
    ({"sha256": "zz"}, "body.sha256"),
    ({"school_id": "x"}, "body.school_id"),
]


async def test_a_wrong_announcement_names_the_field(people: People) -> None:
    for changed, field in WRONG:
        body = announcement("a.pdf", b"x", "application/pdf") | changed
        status, problem = await people["sam"].call("POST", "/uploads", json=body)
        assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])


async def test_names_are_made_harmless(people: People) -> None:
    """GUARANTEES 49."""
    for given, kept in {
        "../../etc/passwd.txt": "passwd.txt",
        "C:\\temp\\a.txt": "a.txt",
        "a\r\nSet-Cookie: x=y.txt": "aSet-Cookie_ x=y.txt",
        "\u202etxt.exe.txt": "txt.exe.txt",
        "CON.txt": "_CON.txt",
        "ü" * 300 + ".txt": "ü" * 98 + ".txt",
    }.items():
        status, begun = await people["sam"].begin(given, b"x", "text/plain")
        assert (status, begun["file"]["name"]) == (201, kept)


async def test_only_the_owner_sees_an_upload(people: People) -> None:
    _, begun = await people["sam"].begin("a.pdf", b"x", "application/pdf")
    file_id = begun["file"]["file_id"]
    for method, path in (("GET", ""), ("POST", "/parts"), ("POST", "/complete")):
        status, _ = await people["tara"].call(method, f"/uploads/{file_id}{path}")
        assert status == 404
    assert (await people["sam"].call("GET", f"/uploads/{file_id}"))[1]["form"]["fields"]
    assert (await people["sam"].call("POST", f"/uploads/{file_id}/parts"))[1]["code"] == "not_in_parts"


@pytest.mark.usefixtures("inspector")
async def test_completing_at_once_is_completing_once(people: People, database: Database) -> None:
    sam, data = people["sam"], samples.pdf()
    _, begun = await sam.begin("a.pdf", data, "application/pdf")
    await sam.post(begun["form"], data)
    files = await asyncio.gather(*(sam.complete(begun["file"]["file_id"]) for _ in range(5)))
    assert {file["status"] for file in files} == {"ready"}
    assert len(await unsent_events(database, "files")) == 1
