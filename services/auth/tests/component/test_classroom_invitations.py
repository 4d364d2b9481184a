"""Letters to those whom a teacher invites into a classroom."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from auth.classroom_invitations.jobs import answer_invitations
from auth.config import Config
from auth.consumers import HANDLERS
from auth.mail.commands import opened
from auth.sealing import Sealer
from auth.testing import PASSWORD, Person, Sql, post, sign_in
from chassis.contracts import default_contracts
from chassis.db import Database
from chassis.events import Event
from chassis.inbox import apply
from chassis.keys import CONFIG, DB
from chassis.testing import uuid7

Invite = Callable[..., Awaitable[list[tuple[str, str]]]]
TYPE = "classroom.student-invited.v1"


@pytest.fixture
async def invite(admin: Person, database: Database, environment: dict[str, str], sql: Sql) -> Invite:
    """Let classroom tell of an invitation; the letters written since, as (kind, text)."""
    config = Config.load(environment)
    app = web.Application()
    app[CONFIG], app[DB] = config, database
    sealer = Sealer(config.signing_key_secret.get_secret_value(), "mails")
    examples = default_contracts().types[TYPE].examples()
    example = next(event for _, event in examples if event.data["status"] == "pending")
    school_id, invited_by = await admin.school_id(), str(await admin.account_id())

    async def tell(email: str, invitation: UUID | None = None, version: int = 1, **data: Any) -> list[tuple[str, str]]:
        invitation = invitation or uuid7()
        state = example.data | {"invitation_id": str(invitation), "email": email, "invited_by": invited_by} | data
        event = Event(TYPE, "/homeroom/classroom", invitation, school_id, version, state)
        before = [row[0] for row in sql("SELECT id FROM mails")]
        await apply(database, HANDLERS, [event])
        await answer_invitations(app)
        await answer_invitations(app)
        rows = sql("SELECT id, kind, sealed, recipient FROM mails ORDER BY id")
        return [(kind, opened(sealer, bytes(sealed), to)[1]) for id_, kind, sealed, to in rows if id_ not in before]

    return tell


def token_of(letters: list[tuple[str, str]]) -> str:
    [(kind, text)] = letters
    found = re.search(r"/invitation#([\w-]{43})", text)
    assert kind == "invitation"
    assert found
    return found[1]


async def test_somebody_new_is_invited_as_a_student(admin: Person, invite: Invite) -> None:
    letters = await invite("sam@elm.example")
    token = token_of(letters)
    assert "Physics 7b" in letters[0][1]
    shown = await post(admin.client, f"/invitations/{token}/preview", 200)
    assert (shown["email"], shown["role"], shown["school_name"]) == ("sam@elm.example", "student", "Elm")
    assert (shown["invited_by"], shown["has_account"]) == ("Ada", False)
    await post(admin.client, f"/invitations/{token}/accept", 200, password=PASSWORD, name="Sam")
    me = await (await sign_in(admin.client, "sam@elm.example")).call("GET", "/me")
    assert (me["name"], me["role"]) == ("Sam", "student")
    await post(admin.client, f"/invitations/{token}/preview", 404)


async def test_a_member_is_told_of_the_classroom_and_keeps_their_role(admin: Person, invite: Invite) -> None:
    await admin.hire("tea@elm.example", "teacher")
    [(kind, text)] = await invite("Tea@elm.example")
    assert kind == "classroom-invitation"
    assert "Physics 7b" in text
    assert "#" not in text


async def test_whom_an_admin_put_out_no_teacher_lets_in(admin: Person, invite: Invite, sql: Sql) -> None:
    _, account = await admin.hire("out@elm.example", "student")
    await admin.call("DELETE", f"/accounts/{account['id']}", 204)
    assert await invite("out@elm.example") == []
    assert sql("SELECT count(*) FROM invitations") == [(0,)]


async def test_an_invitation_that_waits_keeps_its_role(admin: Person, invite: Invite) -> None:
    document = {"email": "head@elm.example", "name": "Head", "role": "admin"}
    await admin.call("POST", "/invitations", 201, json=document)
    invitation = uuid7()
    token = token_of(await invite("head@elm.example", invitation))
    assert (await post(admin.client, f"/invitations/{token}/preview", 200))["role"] == "admin"
    await invite("head@elm.example", invitation, version=2, status="withdrawn")
    await post(admin.client, f"/invitations/{token}/preview", 200)


async def test_it_is_withdrawn_with_the_last_classroom(admin: Person, invite: Invite) -> None:
    first, second = uuid7(), uuid7()
    await invite("sam@elm.example", first)
    token = token_of(await invite("sam@elm.example", second))
    assert await invite("sam@elm.example", second, version=1) == [], "told again, written once"
    assert await invite("sam@elm.example", first, version=2, status="withdrawn") == []
    await post(admin.client, f"/invitations/{token}/preview", 200)
    await invite("sam@elm.example", second, version=3, status="withdrawn")
    await post(admin.client, f"/invitations/{token}/preview", 404)
    assert await invite("sam@elm.example", second, version=2) == [], "what comes late changes nothing"
    assert token_of(await invite("sam@elm.example", second, version=4))


async def test_an_address_has_five_letters_an_hour_and_the_others_wait(invite: Invite, sql: Sql) -> None:
    for _ in range(5):
        assert len(await invite("sam@elm.example")) == 1
    assert await invite("Sam@elm.example") == []
    assert len(await invite("sue@elm.example")) == 1, "nobody else waits"
    sql("UPDATE mails SET created_at = created_at - interval '1 hour' RETURNING id")
    assert len(await invite("mia@elm.example")) == 2
