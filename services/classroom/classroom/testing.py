"""Helpers of this service's tests: people who call the API, and the events that make them known."""

import io
import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid5

import aiohttp
from aiohttp.test_utils import TestClient

from chassis import inbox
from chassis.cache import Cache
from chassis.contracts import check_event
from chassis.db import Database
from chassis.events import Event
from chassis.identity import Identity
from chassis.oneroster import Package, Person, people
from chassis.outbox import unsent_events
from chassis.rosters.work import work
from chassis.testing import Caller, uuid7
from classroom.bootstrap.views import Layouts, read_store
from classroom.consumers import HANDLERS
from classroom.rosters.importer import IMPORTER

Sql = Callable[..., list[tuple[Any, ...]]]
Tables = dict[str, list[dict[str, str]]]


class Answer:
    """A response, read."""

    def __init__(self, status: int, headers: dict[str, str], data: Any) -> None:
        self.status = status
        self.headers = headers
        self.data = data

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    @property
    def code(self) -> str:
        """The problem's slug."""
        assert self.status >= 400, (self.status, self.data)
        return str(self.data["code"])


class Actor:
    """Somebody who calls the API."""

    def __init__(self, client: TestClient[Any, Any], name: str, caller: Caller) -> None:
        self.client = client
        self.name = name
        self.caller = caller

    @property
    def id(self) -> str:
        """The account's id as text."""
        return str(self.caller.account_id)

    @property
    def school_id(self) -> UUID:
        """The school signed in to."""
        return self.caller.school_id

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; header names with underscores for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()} | self.caller.headers
        url = f"/api/classroom{path}"
        async with self.client.request(method, url, json=body, headers=named) as response:
            data = await response.json(content_type=None) if await response.read() else None
            return Answer(response.status, dict(response.headers), data)

    async def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST."""
        return await self.call("POST", path, {} if body is None else body, **headers)

    async def patch(self, path: str, body: Any, **headers: str) -> Answer:
        """PATCH."""
        return await self.call("PATCH", path, body, **headers)

    async def put(self, path: str, body: Any, **headers: str) -> Answer:
        """PUT."""
        return await self.call("PUT", path, body, **headers)

    async def delete(self, path: str, **headers: str) -> Answer:
        """DELETE."""
        return await self.call("DELETE", path, **headers)

    async def made(self, path: str, body: Any) -> Answer:
        """POST that must create."""
        answer = await self.post(path, body)
        assert answer.status == 201, (answer.status, answer.data)
        return answer


def account_event(actor: Actor, sequence: int = 1, **data: Any) -> Event:
    """What auth tells of somebody."""
    kind = "created" if sequence == 1 else "updated"
    known = {
        "account_id": actor.id,
        "email": f"{actor.name}@elm.example",
        "name": actor.name.title(),
        "role": actor.caller.role.value,
        "status": "active",
        "source_id": f"user-{actor.name}",
    }
    return Event(
        type=f"auth.account-{kind}.v1",
        source="/homeroom/auth",
        subject=actor.caller.account_id,
        school_id=actor.school_id,
        sequence=sequence,
        data=known | data,
    )


def file_event(owner: Actor, status: str = "ready", sequence: int = 1, **data: Any) -> Event:
    """What files tells of a file that somebody uploaded."""
    file_id = data.pop("file_id", None) or str(uuid7())
    known = {
        "file_id": file_id,
        "owner_id": owner.id,
        "name": "essay.pdf",
        "size": 1000,
        "content_type": "application/pdf",
        "sha256": "a" * 64,
        "thumbnail": True,
        "status": status,
        "reason": "infected" if status == "rejected" else None,
    }
    return Event(
        type=f"files.file-{status}.v1",
        source="/homeroom/files",
        subject=UUID(file_id),
        school_id=owner.school_id,
        sequence=sequence,
        data=known | data,
    )


async def uploaded(database: Database, owner: Actor, **data: Any) -> str:
    """The id of a file of somebody's that is ready."""
    event = file_event(owner, **data)
    await inbox.apply(database, HANDLERS, [event])
    return str(event.subject)


async def settle(database: Database, actors: Iterable[Actor]) -> None:
    """Let the service learn of these people, as auth's events would."""
    await inbox.apply(database, HANDLERS, [account_event(actor) for actor in actors])


async def events(database: Database) -> list[Event]:
    """Every event written so far, each exactly as published."""
    found = await unsent_events(database, "classroom")
    for event in found:
        check_event(event)
    return found


async def event_types(database: Database) -> list[str]:
    """The short names of all events so far, such as `topic-created`."""
    return [event.type.removeprefix("classroom.").removesuffix(".v1") for event in await events(database)]


class NoCache(Cache):
    """Never has anything."""

    def __init__(self) -> None:
        pass

    async def fragments(self, keys: Any, fill: Any) -> list[bytes]:
        """Everything filled."""
        filled = await fill(list(keys))
        return [filled[key] for key in keys]


class Shown(dict[str, Any]):
    """A bootstrap; it equals another one with the same content, whenever that was read."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and _contents(self) == _contents(other)


def _contents(shown: dict[str, Any]) -> dict[str, Any]:
    digests = {key: version.partition(".")[2] for key, version in shown["versions"].items()}
    return {**shown, "versions": digests}


async def uncached(actor: Actor, database: Database) -> Any:
    """Somebody's bootstrap, straight from the database."""
    caller = actor.caller
    identity = Identity(caller.account_id, caller.school_id, caller.session_id, caller.role, 0)
    store = await read_store(database, NoCache(), Layouts(), identity)
    return Shown(json.loads(store.body()))


def _imported_account(school_id: UUID, person: Person) -> Event:
    """The same person of the same school is the same account each time."""
    data = {
        "email": person.email or "",
        "name": person.name,
        "role": person.role,
        "status": "active" if person.enabled else "deactivated",
        "source_id": person.source_id,
    }
    account_id = uuid5(school_id, person.source_id)
    return Event("auth.account-created.v1", "/homeroom/auth", account_id, school_id, 1, data)


async def settle_package(database: Database, school_id: UUID, package: bytes) -> None:
    """Let the service learn of a package's people and that they are all, as auth's import would."""
    with Package(io.BytesIO(package)) as opened:
        found, sha256 = list(people(opened)), opened.sha256
    told = [_imported_account(school_id, person) for person in found]
    done = {"roster_id": str(uuid7()), "package_sha256": sha256, "accounts": len(found)}
    last = Event("auth.roster-imported.v1", "/homeroom/auth", uuid7(), school_id, 1, done)
    await inbox.apply(database, HANDLERS, [*told, last])


async def upload(admin: Actor, package: bytes, *, query: str = "", **fields: str) -> Any:
    """Send a package; the import as it begins."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("package", package, filename="school.zip", content_type="application/zip")
    url = f"/api/classroom/rosters{query}"
    async with admin.client.post(url, data=form, headers=admin.caller.headers) as response:
        assert response.status == 202, await response.text()
        return await response.json()


async def run(admin: Actor, database: Database, package: bytes, *, known: bool = True, **more: str) -> Any:
    """Upload, let the worker do it, and read the result."""
    if known:
        await settle_package(database, admin.school_id, package)
    roster = await upload(admin, package, **more)
    await work(database, IMPORTER)
    return (await admin.get(f"/rosters/{roster['id']}")).data


def counts(roster: Any) -> dict[str, int]:
    """How often each kind of change was made."""
    return {kind: change["count"] for kind, change in roster["changes"].items()}


def edit(tables: Tables, file: str, id_: str, **changes: str) -> None:
    """Change a row of a package's file."""
    row = next(row for row in tables[file] if row["sourcedId"] == id_)
    row.update(changes)
