"""Export and erasure of a person: asked here, answered by every service, and nothing of them left."""

import asyncio
import io
import json
import os
import random
import sys
import zipfile
from typing import Any
from uuid import UUID

import aiormq
import pytest

from auth.consumers import HANDLERS
from auth.personal_data.commands import SERVICES
from auth.testing import PASSWORD, Client, Person, Sql, post, register
from auth.testing_rosters import run
from chassis import personal_data, topology
from chassis.contracts import check_event, default_contracts
from chassis.db import Database
from chassis.events import Event, encode
from chassis.inbox import apply, complete_handlers
from chassis.outbox import properties_of, unsent_events
from chassis.personal_data import ACCOUNT_ERASED, EXPORT_REQUESTED, answered
from chassis.testing_personal_data import exported, request_event, traces

WORDS = ("Tabitha", "tess@elm", "9.8.7.6", "agent of tess", "user-tess")
FROM_TESS = {"X-Forwarded-For": "9.8.7.6", "User-Agent": "Agent of Tess"}


async def handle(database: Database, events: list[Event]) -> None:
    await apply(database, complete_handlers(default_contracts(), "auth", HANDLERS), events)


async def told(database: Database, *types: str) -> list[Event]:
    found = [event for event in await unsent_events(database, "auth") if event.type in types]
    for event in found:
        check_event(event)
    return found


def answers(request: Event, service: str, kind: str, *contents: Any) -> list[Event]:
    """What a service answers."""
    shared = {"request_id": request.data["request_id"], "account_id": request.data["account_id"], "kind": kind}
    return [
        Event(
            answered(service),
            f"/homeroom/{service}",
            UUID(request.data["request_id"]),
            request.school_id,
            number,
            shared | {"part": number, "parts": len(contents), "content": content},
        )
        for number, content in enumerate(contents, start=1)
    ]


async def answer_all(database: Database, request: Event, kind: str) -> None:
    """Every service answers, some in parts, in any order and more than once."""
    await handle(database, [request])
    given = await told(database, answered("auth"))
    for service in SERVICES[1:]:
        contents = [{"notes": [{"n": n, "score": "0.10"}]} for n in range(3)] if kind == "export" else [None]
        given += answers(request, service, kind, *contents)
    random.shuffle(given)
    for event in given:
        await handle(database, [event, event])


@pytest.fixture
async def tess(admin: Person, sql: Sql) -> tuple[Person, str]:
    """A teacher who left traces: sessions, letters, an invitation, a second name, a second factor."""
    tess, account = await admin.hire("tess@elm.example", "teacher", "Tabitha")
    for method, path, document in (
        ("PATCH", "/me", {"name": "Tabitha Two"}),
        ("POST", "/me/second-factor", {"password": PASSWORD}),
    ):
        await tess.call(method, path, json=document, headers=FROM_TESS)
    login = {"email": "tess@elm.example", "password": PASSWORD}
    async with admin.client.post("/api/auth/login", json=login, headers=FROM_TESS) as response:
        assert response.status == 200
    await post(admin.client, "/password-resets", 204, email="tess@elm.example")
    school = str(await admin.school_id())
    sql("UPDATE memberships SET source_id = 'user-tess' WHERE account_id = %s", account["id"])
    sql(
        "INSERT INTO invitations (school_id, email, name, role, token_hash, expires_at)"
        " VALUES (%s, 'tess@elm.example', 'Tabitha', 'teacher', sha256('x'), now() + interval '1 day')",
        school,
    )
    sql(
        "INSERT INTO audit_log (school_id, action, detail) VALUES (%s, 'mail.given-up', %s)",
        school,
        json.dumps({"recipient": "tess@elm.example"}),
    )
    return tess, account["id"]


def test_every_service_is_asked() -> None:
    for name in (ACCOUNT_ERASED, EXPORT_REQUESTED):
        assert sorted(default_contracts().types[name].consumers) == SERVICES


async def test_an_export_is_ready_when_all_have_answered(admin: Person, tess: Any, database: Database) -> None:
    person, account_id = tess
    assert await person.call("GET", "/me/export") == {"request": None}
    asked = await admin.call("POST", f"/accounts/{account_id}/export", 202)
    assert (asked["finished_at"], asked["waiting_for"]) == (None, SERVICES)
    assert (await person.call("POST", "/me/export", 202))["id"] == asked["id"]
    [request] = await told(database, EXPORT_REQUESTED)
    await handle(database, answers(request, "grading", "export", {"results": []}, {})[:1])
    assert (await person.call("GET", "/me/export"))["request"]["waiting_for"] == SERVICES
    assert (await person.call("GET", "/me/export.zip", 409))["code"] == "export_running"
    await handle(database, answers(request, "grading", "export", {}, {"results": [{"score": "0.10"}]})[1:])
    assert (await person.call("GET", "/me/export"))["request"]["waiting_for"] == [s for s in SERVICES if s != "grading"]
    await answer_all(database, request, "export")
    ready = await admin.call("GET", f"/accounts/{account_id}/export")
    assert ready["finished_at"] is not None
    assert ready["waiting_for"] == []
    async with admin.client.get("/api/auth/me/export.zip", headers=person.headers) as response:
        assert (response.status, response.content_type) == (200, "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert json.loads(archive.read("classroom/notes.json")) == [{"n": n, "score": "0.10"} for n in range(3)]
    [account] = json.loads(archive.read("auth/account.json"))
    assert (account["name"], account["email"]) == ("Tabitha Two", "tess@elm.example")
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"9.8.7.6" in everything
    assert b"argon2" not in everything
    actions = {row["action"] for row in (await admin.call("GET", "/audit-log"))["items"]}
    assert {"export.requested", "export.ready", "export.downloaded"} <= actions


async def test_answers_to_nobodys_question_are_dropped(admin: Person, tess: Any, database: Database, sql: Sql) -> None:
    await admin.call("POST", f"/accounts/{tess[1]}/export", 202)
    [request] = await told(database, EXPORT_REQUESTED)
    stranger = request_event("export", request.school_id, UUID(tess[1]))
    elsewhere = request_event("export", UUID(int=5), UUID(tess[1]))
    elsewhere.data["request_id"] = request.data["request_id"]
    for asked in (stranger, elsewhere):
        await handle(database, answers(asked, "grading", "export", {"results": [{}]}))
    assert sql("SELECT count(*) FROM personal_data_answers") == [(0,)]


async def test_erasure_leaves_no_trace(
    admin: Person, tess: Any, client: Client, database: Database, database_url: str, sql: Sql
) -> None:
    person, account_id = tess
    assert set(traces(database_url, *WORDS)) >= {"accounts", "memberships", "sessions", "audit_log", "invitations"}
    path = f"/accounts/{account_id}/erase"
    assert (await admin.call("POST", path, 422, json={"confirm": "Tabitha"}))["code"] == "not_confirmed"
    await admin.call("POST", f"/accounts/{account_id}/export", 202)
    begun = await admin.call("POST", path, 202, json={"confirm": "Tess@elm.example"})
    assert begun["waiting_for"] == SERVICES
    assert (await person.call("GET", "/me", 401))["code"] == "session_revoked"
    await admin.call("GET", f"/accounts/{account_id}", 404)
    await admin.call("PATCH", f"/accounts/{account_id}", 404, json={"status": "active"})
    assert [a["id"] for a in (await admin.call("GET", "/accounts"))["items"]] == [str(await admin.account_id())]
    events = await told(database, "auth.account-deactivated.v1", ACCOUNT_ERASED)
    assert [event.type for event in events] == ["auth.account-deactivated.v1", ACCOUNT_ERASED]
    state = events[0].data
    assert (state["name"], state["email"], state["source_id"], state["status"]) == (
        "Erased person",
        None,
        None,
        "deactivated",
    )
    await answer_all(database, events[1], "erasure")
    assert (await admin.call("GET", path))["waiting_for"] == []
    again = await admin.call("POST", path, 202, json={"confirm": "anything"})
    assert (again["id"], again["finished_at"] is not None) == (begun["id"], True)
    assert traces(database_url, *WORDS) == {}
    actions = [row["action"] for row in (await admin.call("GET", "/audit-log"))["items"]]
    assert {"account.created", "account.erased", "account.erasure-finished", "session.opened"} <= set(actions)
    assert await personal_data.reapply(database) == 1
    # The address is free: who comes back is somebody new.
    made = await admin.call(
        "POST", "/accounts", 201, json={"email": "tess@elm.example", "name": "T", "role": "teacher"}
    )
    assert made["account"]["id"] != account_id


async def test_who_is_elsewhere_too_lives_on_there(admin: Person, client: Client, database: Database) -> None:
    other = await register(client, "eve@oak.example")
    created = await admin.call(
        "POST", "/accounts", 201, json={"email": "eve@oak.example", "name": "Eve", "role": "teacher"}
    )
    account_id = created["account"]["id"]
    await admin.call("POST", f"/accounts/{account_id}/erase", 202, json={"confirm": "eve@oak.example"})
    [erasure] = await told(database, ACCOUNT_ERASED)
    await answer_all(database, erasure, "erasure")
    assert (await other.call("GET", "/me"))["email"] == "eve@oak.example"
    document = {"email": "eve@oak.example", "name": "Eve", "role": "teacher"}
    assert (await admin.call("POST", "/accounts", 409, json=document))["code"] == "erased_here"
    me = await post(client, "/login", 200, email="eve@oak.example", password=PASSWORD)
    assert me["access_token"]


async def test_whom_two_schools_erase_at_once_leaves_no_trace_in_either(
    admin: Person, client: Client, database: Database, database_url: str
) -> None:
    """Both have asked before the first is done: the address, by which letters are found, is needed to the end."""
    other, tess = await register(client, "olaf@oak.example"), {"email": "tess@elm.example", "name": "Tabitha"}
    for school in (admin, other):
        await school.call("POST", "/invitations", 201, json=tess | {"role": "teacher"})
    paths = [
        (await school.call("POST", "/accounts", 201, json=tess | {"role": "teacher"}))["account"]["id"]
        for school in (admin, other)
    ]
    for school, account_id in zip((admin, other), paths, strict=True):
        await school.call("POST", f"/accounts/{account_id}/erase", 202, json={"confirm": "tess@elm.example"})
    for erasure in await told(database, ACCOUNT_ERASED):
        await handle(database, [erasure])
    assert traces(database_url, *WORDS) == {}


async def test_a_person_is_found_by_the_addresses_they_had(
    admin: Person, database: Database, database_url: str, sql: Sql
) -> None:
    """Imports change addresses; what was written to an old one is the person's all the same, unless another has it."""
    invited = {"email": "tess@elm.example", "name": "Tabitha", "role": "teacher"}
    await admin.call("POST", "/invitations", 201, json=invited)
    account_id = (await admin.call("POST", "/accounts", 201, json=invited))["account"]["id"]
    await admin.call("POST", "/invitations", 201, json=invited | {"email": "tom@elm.example", "name": "Tom"})
    for address in ("tom@elm.example", "tabitha@elm.example"):
        sql("UPDATE accounts SET email = %s WHERE id = %s", address, account_id)
    await admin.call("POST", "/accounts", 201, json=invited | {"email": "tom@elm.example", "name": "Tom"})
    kept = await exported(database, "auth", await admin.school_id(), UUID(account_id))
    assert [invitation["email"] for invitation in kept["invitations"]] == ["tess@elm.example"]
    await admin.call("POST", f"/accounts/{account_id}/erase", 202, json={"confirm": "tabitha@elm.example"})
    for erasure in await told(database, ACCOUNT_ERASED):
        await handle(database, [erasure])
    assert traces(database_url, *WORDS) == {}
    assert traces(database_url, "tom@elm").keys() == {"accounts", "audit_log", "invitations", "mails"}


async def test_an_import_forgets_whom_it_named(
    admin: Person, database: Database, database_url: str, sample_roster: Any
) -> None:
    """What changed is told with the first few people of each kind, by address; notes name people by sourcedId."""
    roster = await run(admin, database, sample_roster.sample_package())
    assert "`user-student-39`" in str(roster["notes"])
    named = roster["changes"]["account-created"]["first"][0]
    accounts = (await admin.call("GET", "/accounts", params={"limit": "200"}))["items"]
    people = [person for person in accounts if person["email"] == named or person["source_id"] == "user-student-39"]
    for person in people:
        confirm = {"confirm": person["email"] or person["name"]}
        await admin.call("POST", f"/accounts/{person['id']}/erase", 202, json=confirm)
    for erasure in await told(database, ACCOUNT_ERASED):
        await handle(database, [erasure])
    assert len(people) == 2
    assert traces(database_url, *(person["email"] or person["source_id"] for person in people)) == {}
    changes = (await admin.call("GET", f"/rosters/{roster['id']}"))["changes"]["account-created"]
    assert changes == roster["changes"]["account-created"] | {"first": changes["first"]}
    assert len(changes["first"]) == 19


async def test_who_cannot_be_erased(admin: Person) -> None:
    own = await admin.account_id()
    confirm = {"confirm": "ada@elm.example"}
    assert (await admin.call("POST", f"/accounts/{own}/erase", 409, json=confirm))["code"] == "last_admin"
    program = {"name": "SIS", "role": "admin", "scope": "write", "expires_in_days": 1}
    token = await admin.call("POST", "/api-tokens", 201, json=program)
    [service] = [a for a in (await admin.call("GET", "/accounts"))["items"] if a["service"]]
    await admin.call("POST", f"/accounts/{service['id']}/erase", 404, json={"confirm": service["name"]})
    answer = await post(admin.client, "/token", 200, token=token["token"])
    machine = Person(admin.client, "", answer["access_token"], "")
    assert (await machine.call("POST", f"/accounts/{own}/erase", 403, json=confirm))["code"] == "people_only"


async def test_a_restore_is_followed_by_the_erasures_of_the_stream(
    admin: Person, tess: Any, database_url: str, amqp_url: str
) -> None:
    """GUARANTEES 33: the backup knows nothing of the erasure, the stream does."""
    erasure = request_event("erasure", await admin.school_id(), UUID(tess[1]))
    noise = request_event("export", await admin.school_id(), UUID(tess[1]))
    async with aiormq.connect(amqp_url) as connection:
        channel: Any = await connection.channel()
        await topology.declare_exchange(channel)
        for event in (noise, erasure, noise):
            await channel.basic_publish(
                encode(event), exchange=topology.EXCHANGE, routing_key=event.type, properties=properties_of(event)
            )
    assert traces(database_url, *WORDS)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "auth",
        "reapply-erasures",
        env=os.environ | {"DATABASE_URL": database_url, "AMQP_URL": amqp_url},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert (process.returncode, output) == (0, b"1 people forgotten again\n")
    assert traces(database_url, *WORDS) == {}
