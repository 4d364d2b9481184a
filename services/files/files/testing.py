"""People who upload and download in tests: what a browser does, without a gateway in between."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import aiohttp
from aiohttp.test_utils import TestClient
from yarl import URL

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.events import Event
from chassis.inbox import apply
from chassis.testing import Caller, eventually, uuid7
from files.config import Config
from files.consumers import HANDLERS
from files.inspection.work import inspect_waiting
from files.storage import Storage

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Actor:
    """Somebody signed in."""

    client: TestClient[Any, Any]
    caller: Caller
    store: str

    @property
    def id(self) -> UUID:
        """Their account."""
        return self.caller.account_id

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """One request; the status and the JSON, or the bytes."""
        headers = self.caller.headers | options.pop("headers", {})
        async with self.client.request(method, f"/api/files{path}", headers=headers, **options) as answer:
            return answer.status, await answer.json() if answer.content_type.endswith("json") else await answer.read()

    async def begin(self, name: str, data: bytes, content_type: str, **changed: Any) -> Answer:
        """Ask for permission."""
        body = announcement(name, data, content_type) | changed
        return await self.call("POST", "/uploads", json=body)

    async def post(self, form: Mapping[str, Any], data: bytes, **changed: str) -> int:
        """Send bytes by a form; the store's status."""
        body = aiohttp.FormData()
        for field, value in (dict(form["fields"]) | changed).items():
            body.add_field(field, value)
        body.add_field("file", data, filename="x")
        async with aiohttp.ClientSession() as session, session.post(self.at_store(form["url"]), data=body) as answer:
            return answer.status

    async def put(self, url: str, data: bytes) -> int:
        """Send one part; the store's status."""
        async with aiohttp.ClientSession() as session, session.put(self.at_store(url), data=data) as answer:
            return answer.status

    def at_store(self, url: str) -> URL:
        """Past the gateway."""
        return URL(self.store + url.removeprefix("/blobs").removeprefix("/_s3"), encoded=True)

    async def upload(self, name: str, data: bytes, content_type: str) -> dict[str, Any]:
        """All steps for a small file; the file as the verdict left it."""
        status, begun = await self.begin(name, data, content_type)
        assert status == 201, begun
        assert await self.post(begun["form"], data) < 300
        return await self.complete(begun["file"]["file_id"])

    async def complete(self, file_id: str) -> dict[str, Any]:
        """Say that all bytes are sent, until there is a verdict."""

        async def verdict() -> dict[str, Any] | None:
            status, file = await self.call("POST", f"/uploads/{file_id}/complete")
            assert status == 200, file
            return None if file["status"] == "checking" else dict(file)

        return cast(dict[str, Any], await eventually(verdict))

    async def read(self, file_id: str, path: str = "content", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """The service's answer and what the store then sends."""
        url = f"/api/files/files/{file_id}/{path}"
        async with self.client.get(url, headers=self.caller.headers | headers) as answer:
            location, given = answer.headers.get("X-Accel-Redirect"), answer.headers.copy()
        if location is None:
            return answer.status, given, b""
        async with aiohttp.ClientSession() as session, session.get(self.at_store(location)) as stored:
            return answer.status, given, await stored.read()


def announcement(name: str, data: bytes, content_type: str) -> dict[str, Any]:
    """What an upload begins with."""
    return {"name": name, "size": len(data), "content_type": content_type, "sha256": sha256(data)}


def sha256(data: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def event(type_: str, subject: UUID, school_id: UUID, data: Mapping[str, Any], sequence: int = 1) -> Event:
    """An event of another service."""
    source = f"/homeroom/{type_.split('.')[0]}"
    return Event(f"{type_}.v1", source, subject, school_id, sequence, dict(data))


def member(role: str, classroom_id: UUID, actor: Actor, status: str = "active", sequence: int = 1) -> Event:
    """Somebody teaches or attends, or does no longer."""
    verb = {"teacher": ("added", "removed"), "student": ("enrolled", "removed")}[role][status != "active"]
    data = {"classroom_id": str(classroom_id), f"{role}_id": str(actor.id), "status": status}
    return event(f"classroom.{role}-{verb}", uuid7(), actor.caller.school_id, data, sequence)


def classroom(classroom_id: UUID, school_id: UUID, status: str = "active", sequence: int = 1) -> Event:
    """A classroom that is there, or there no longer."""
    verb = "deleted" if status == "deleted" else "created"
    data = {"classroom_id": str(classroom_id), "status": status}
    return event(f"classroom.classroom-{verb}", classroom_id, school_id, data, sequence)


def attachment(
    file: Mapping[str, Any],
    classroom_id: UUID,
    school_id: UUID,
    *,
    attachment_id: UUID | None = None,
    sequence: int = 1,
    **changed: Any,
) -> Event:
    """A file is attached, by its owner and for the teachers alone unless `changed` says otherwise."""
    id_ = attachment_id or uuid7()
    data = {
        "attachment_id": str(id_),
        "file_id": file["file_id"],
        "classroom_id": str(classroom_id),
        "assignment_id": None,
        "submission_id": None,
        "attached_by": file["owner_id"],
        "audience": "teachers",
        "reader_ids": [],
        "status": "active",
    } | changed
    verb = "added" if data["status"] == "active" else "removed"
    return event(f"classroom.attachment-{verb}", id_, school_id, data, sequence)


async def tell(db: Database, events: Iterable[Event]) -> None:
    """The events arrive, each by itself."""
    for one in events:
        await apply(db, HANDLERS, [one])


@asynccontextmanager
async def inspecting(db: Database, storage: Storage, settings: Config) -> AsyncIterator[None]:
    """An inspector at work."""

    async def work() -> None:
        while True:
            with suppress(Unavailable):
                await inspect_waiting(db, storage, settings)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
