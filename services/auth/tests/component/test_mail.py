"""Invitations and resets from the request to the letter and back, over a real SMTP server."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller

from auth.config import Config
from auth.mail.sender import send_due
from auth.resets.jobs import answer_requests
from auth.resources import AUTH
from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in
from auth.throttle import login_limits
from chassis.contracts import check_event
from chassis.db import Database
from chassis.keys import CONFIG, DB
from chassis.outbox import unsent_events
from chassis.testing import PATIENCE_SECONDS

NEW = "quite another secret"
HEAD = "head@elm.example"


class Catcher:
    """Takes what it is told to take."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.letters: list[EmailMessage] = []
        self.lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        with self.lock:
            answer = self.answers.pop(0) if self.answers else "250 OK"
            if answer.startswith("250"):
                self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            return answer


@pytest.fixture
def catcher() -> Catcher:
    return Catcher()


@pytest.fixture
async def worker(
    catcher: Catcher, environment: dict[str, str], database: Database, unused_tcp_port: int
) -> AsyncIterator[web.Application]:
    """What the jobs need."""
    controller = Controller(catcher, hostname="127.0.0.1", port=unused_tcp_port, ready_timeout=PATIENCE_SECONDS)
    controller.start()
    app = web.Application()
    app[CONFIG] = Config.load(environment | {"SMTP_URL": f"smtp://127.0.0.1:{unused_tcp_port}", "MAIL_ATTEMPTS": "3"})
    app[DB] = database
    yield app
    await asyncio.to_thread(controller.stop)


Deliver = Callable[[], Any]


@pytest.fixture
def deliver(worker: web.Application, catcher: Catcher) -> Deliver:
    """Run the jobs; the letters that came since."""

    async def run() -> list[EmailMessage]:
        before = len(catcher.letters)
        await answer_requests(worker)
        await send_due(worker)
        return catcher.letters[before:]

    return run


def token_of(letter: EmailMessage) -> str:
    found = re.search(r"#([\w-]{43})\s", letter.get_content())
    assert found
    return found[1]


async def invite(admin: Person, email: str = HEAD, role: str = "teacher", expected: int = 201) -> Any:
    return await admin.call("POST", "/invitations", expected, json={"email": email, "name": "Head", "role": role})


async def accept(client: Client, token: str, expected: int = 200, **document: str) -> Any:
    return await post(client, f"/invitations/{token}/accept", expected, **({"password": PASSWORD} | document))


async def types(database: Database) -> list[str]:
    events = await unsent_events(database, "auth")
    for event in events:
        check_event(event)
    return [event.type.removeprefix("auth.").removesuffix(".v1") for event in events]


async def test_an_invited_person_gets_an_account(
    client: Client, admin: Person, deliver: Deliver, database: Database, sql: Sql
) -> None:
    made = await invite(admin)
    assert made["status"] == "waiting"
    [letter] = await deliver()
    assert (letter["To"], letter["Subject"]) == (HEAD, "Invitation to Elm")
    token = token_of(letter)
    assert token not in str(made)
    assert (await accept(client, token, 422, password="short"))["code"] == "password_too_short"
    answer = await accept(client, token, name="Grace")
    assert answer == {"email": HEAD, "school_id": str(await admin.school_id())}
    person = await sign_in(client, HEAD, school_id=answer["school_id"])
    me = await person.call("GET", "/me")
    assert (me["name"], me["role"]) == ("Grace", "teacher")
    await accept(client, token, 404)
    assert (await admin.call("GET", "/invitations"))["items"][0]["status"] == "accepted"
    assert (await types(database))[-1] == "account-created"
    assert sql("SELECT count(*) FROM mails WHERE sealed IS NOT NULL") == [(0,)]
    assert await deliver() == []


async def test_an_account_made_elsewhere_joins_with_its_password_and_no_code(
    client: Client, admin: Person, deliver: Deliver
) -> None:
    await register(client, HEAD)
    first, second = await invite(admin), await invite(admin, "nobody@elm.example")
    assert {name: first[name] for name in ("name", "role", "status")} == {
        name: second[name] for name in ("name", "role", "status")
    }
    known, unknown = await deliver()
    assert known.get_content().replace(token_of(known), "") == unknown.get_content().replace(token_of(unknown), "")
    await accept(client, token_of(known), 401, password="not the password")
    answer = await accept(client, token_of(known))
    person = await sign_in(client, HEAD, school_id=answer["school_id"])
    assert (await person.call("GET", "/me"))["role"] == "teacher"
    assert (await invite(admin, expected=409))["code"] == "already_member"


async def test_invitations_are_renewed_and_revoked(client: Client, admin: Person, deliver: Deliver, sql: Sql) -> None:
    made = await invite(admin)
    [first] = await deliver()
    path = f"/invitations/{made['id']}"
    await admin.call("POST", f"{path}/resend")
    [second] = await deliver()
    await accept(client, token_of(first), 404)
    again = await invite(admin, role="student")
    assert again["id"] == made["id"]
    [third] = await deliver()
    await accept(client, token_of(second), 404)
    await admin.call("DELETE", path, 204)
    await accept(client, token_of(third), 404)
    assert (await admin.call("DELETE", path, 409))["code"] == "invitation_over"
    await admin.call("POST", f"{path}/resend", 409)
    assert sql("SELECT count(*) FROM accounts") == [(1,)]


async def test_an_expired_invitation_is_void(client: Client, admin: Person, deliver: Deliver, sql: Sql) -> None:
    await invite(admin)
    [letter] = await deliver()
    sql("UPDATE invitations SET expires_at = now()")
    await accept(client, token_of(letter), 404)
    assert (await admin.call("GET", "/invitations"))["items"][0]["status"] == "expired"
    counts = await admin.call("GET", "/invitations/counts")
    assert counts == {"waiting": 0, "accepted": 0, "expired": 1, "revoked": 0}


async def test_accepting_many_times_at_once_counts_once(client: Client, admin: Person, deliver: Deliver) -> None:
    await invite(admin)
    token = token_of((await deliver())[0])

    async def once() -> int:
        async with client.post(f"/api/auth/invitations/{token}/accept", json={"password": PASSWORD}) as response:
            return response.status

    assert sorted(await asyncio.gather(*(once() for _ in range(6)))) == [200] + [404] * 5


async def test_whom_the_school_put_out_does_not_come_back_by_an_older_invitation(
    client: Client, admin: Person, deliver: Deliver
) -> None:
    await register(client, HEAD)
    document = {"email": HEAD, "name": "Head", "role": "admin"}
    account = (await admin.call("POST", "/accounts", 201, json=document))["account"]
    await invite(admin, role="student")
    [letter] = await deliver()
    await admin.call("DELETE", f"/accounts/{account['id']}", 204)
    await accept(client, token_of(letter), 404)
    await invite(admin, role="student")
    await accept(client, token_of((await deliver())[0]))
    account = await admin.call("GET", f"/accounts/{account['id']}")
    assert (account["role"], account["status"], account["joined"]) == ("student", "active", True)


async def test_a_reset_signs_out_everywhere_and_counts_once(
    client: Client, admin: Person, deliver: Deliver, database: Database
) -> None:
    await post(client, "/password-resets", 204, email="ADA@elm.example")
    await post(client, "/password-resets", 204, email="nobody@elm.example")
    [letter] = await deliver()
    token = token_of(letter)
    await post(client, f"/password-resets/{token}", 422, password="password123")
    await post(client, f"/password-resets/{token}", 204, password=NEW)
    await admin.call("GET", "/me", 401)
    await post(client, "/login", 401, email="ada@elm.example", password=PASSWORD)
    await sign_in(client, "ada@elm.example", NEW)
    await post(client, f"/password-resets/{token}", 404, password=NEW)
    assert "session-revoked" in await types(database)


async def test_strangers_tries_do_not_keep_out_whoever_resets(
    app: web.Application, client: Client, admin: Person, deliver: Deliver
) -> None:
    await app[AUTH].throttle.count([*login_limits(admin.email, "127.0.0.1", None)] * 20)
    await post(client, "/login", 429, email=admin.email, password=PASSWORD)
    await post(client, "/password-resets", 204, email=admin.email)
    path = f"/api/auth/password-resets/{token_of((await deliver())[0])}"
    async with client.post(path, json={"password": NEW}, headers={"Origin": "https://localhost:8443"}) as response:
        assert response.status == 204
        device = response.headers["Set-Cookie"].partition(";")[0]
    login = {"email": admin.email, "password": NEW}
    async with client.post("/api/auth/login", json=login, headers={"Cookie": device}) as response:
        assert response.status == 200


async def test_a_mailbox_is_not_flooded(client: Client, admin: Person, deliver: Deliver, sql: Sql) -> None:
    await post(client, "/password-resets", 204, email=admin.email)
    await post(client, "/password-resets", 204, email=admin.email)
    [first] = await deliver()
    sql("UPDATE password_resets SET created_at = created_at - interval '6 minutes'")
    await post(client, "/password-resets", 204, email=admin.email)
    [second] = await deliver()
    await post(client, f"/password-resets/{token_of(first)}", 204, password=NEW)
    await post(client, f"/password-resets/{token_of(second)}", 404, password=NEW)


async def test_an_expired_reset_is_void(client: Client, admin: Person, deliver: Deliver, sql: Sql) -> None:
    await post(client, "/password-resets", 204, email=admin.email)
    [letter] = await deliver()
    sql("UPDATE password_resets SET expires_at = now()")
    await post(client, f"/password-resets/{token_of(letter)}", 404, password=NEW)


async def test_a_proven_address_needs_no_joining_code(client: Client, admin: Person, deliver: Deliver) -> None:
    squatter = await register(client, "eve@oak.example")
    await squatter.hire(HEAD, "student")
    await admin.call("POST", "/accounts", 201, json={"email": HEAD, "name": "Head", "role": "admin"})
    await post(client, "/password-resets", 204, email=HEAD)
    await post(client, f"/password-resets/{token_of((await deliver())[0])}", 204, password=NEW)
    elm = str(await admin.school_id())
    await sign_in(client, HEAD, NEW, school_id=elm)
    account = (await squatter.call("GET", "/accounts?role=student"))["items"][0]
    temporary = await squatter.call("POST", f"/accounts/{account['id']}/temporary-password")
    await post(client, "/login", 401, email=HEAD, password=temporary["temporary_password"], school_id=elm)


async def test_a_school_that_changes_the_address_does_not_get_into_another_one(
    client: Client, admin: Person, deliver: Deliver, sql: Sql
) -> None:
    """As an import of the managing school does."""
    squatter = await register(client, "eve@oak.example")
    await squatter.hire(HEAD, "student")
    await admin.call("POST", "/accounts", 201, json={"email": HEAD, "name": "Head", "role": "admin"})
    await post(client, "/password-resets", 204, email=HEAD)
    [before] = await deliver()
    sql("UPDATE accounts SET email = 'eve2@oak.example' WHERE email = %s", HEAD)
    await post(client, f"/password-resets/{token_of(before)}", 404, password=NEW)
    await post(client, "/password-resets", 204, email="eve2@oak.example")
    await post(client, f"/password-resets/{token_of((await deliver())[0])}", 204, password=NEW)
    elm = str(await admin.school_id())
    await post(client, "/login", 401, email="eve2@oak.example", password=NEW, school_id=elm)


async def test_who_was_put_out_gets_no_letter(client: Client, admin: Person, deliver: Deliver) -> None:
    person, account = await admin.hire(HEAD, "student")
    await admin.call("DELETE", f"/accounts/{account['id']}", 204)
    await post(client, "/password-resets", 204, email=person.email)
    assert await deliver() == []


async def test_a_letter_is_tried_again_and_given_up_in_the_end(
    admin: Person, deliver: Deliver, catcher: Catcher, sql: Sql
) -> None:
    await invite(admin)
    catcher.answers = ["451 later", "451 later", "451 later"]
    for attempts in (1, 2, 3):
        assert await deliver() == []
        assert await deliver() == []
        assert sql("SELECT attempts FROM mails") == [(attempts,)]
        sql("UPDATE mails SET next_try_at = now()")
    assert sql("SELECT given_up_at IS NOT NULL, sealed IS NULL FROM mails") == [(True, True)]
    [(action, detail)] = sql("SELECT action, detail FROM audit_log WHERE action = 'mail.given-up'")
    assert (action, detail["recipient"], detail["attempts"]) == ("mail.given-up", HEAD, 3)


async def test_a_letter_that_is_refused_for_good_is_given_up_at_once(
    admin: Person, deliver: Deliver, catcher: Catcher, sql: Sql
) -> None:
    await invite(admin)
    catcher.answers = ["554 never"]
    assert await deliver() == []
    assert sql("SELECT attempts, given_up_at IS NOT NULL FROM mails") == [(1, True)]


async def test_two_workers_send_a_letter_once(admin: Person, worker: web.Application, catcher: Catcher) -> None:
    for number in range(5):
        await invite(admin, f"p{number}@elm.example")
    await asyncio.gather(*(send_due(worker) for _ in range(3)))
    assert sorted(letter["To"] for letter in catcher.letters) == [f"p{number}@elm.example" for number in range(5)]


async def test_a_name_cannot_forge_a_header(admin: Person, deliver: Deliver) -> None:
    await admin.call("PATCH", "/school", json={"name": "Elm\r\nBcc: all@elm.example\u2028x"})
    await invite(admin)
    [letter] = await deliver()
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Invitation to Elm Bcc: all@elm.example x"


async def test_tokens_are_nowhere_in_the_database(admin: Person, client: Client, deliver: Deliver, sql: Sql) -> None:
    await invite(admin)
    await post(client, "/password-resets", 204, email=admin.email)
    letters = await deliver()
    assert len(letters) == 2
    for table in ("mails", "invitations", "password_resets", "audit_log", "outbox"):
        rows = "".join(row[0] for row in sql(f"SELECT t::text FROM {table} AS t"))
        assert not any(token_of(letter) in rows for letter in letters)


async def test_a_malformed_token_is_no_token(client: Client) -> None:
    for token in ("x", "%00", "%ED%A0%80", "a" * 44):
        async with client.post(f"/api/auth/password-resets/{token}", json={"password": NEW}) as response:
            assert response.status == 404
        url = f"/api/auth/invitations/{token}/accept"
        async with client.post(url, json={"password": NEW}) as response:
            assert response.status == 404
