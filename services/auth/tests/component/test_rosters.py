"""Imports of people over real HTTP and Postgres; the worker's turn is taken by the test."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from auth.testing import Client, Person, Sql, post, register, sign_in
from auth.testing_rosters import counts, form, run, upload
from chassis.contracts import check_event
from chassis.db import Database
from chassis.events import Event
from chassis.outbox import unsent_events

Edit = Callable[[dict[str, str]], dict[str, str] | None]


@pytest.fixture(scope="module")
def sample(sample_roster: Any) -> bytes:
    return bytes(sample_roster.sample_package())


def edited(package: bytes, name: str, edit: Edit) -> bytes:
    """The package with each row of a file changed, or dropped where `edit` gives None."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, _edited(data.decode(), edit) if entry == name else data)
    return target.getvalue()


def _edited(text: str, edit: Edit) -> str:
    reader = csv.DictReader(io.StringIO(text))
    result = io.StringIO()
    writer = csv.DictWriter(result, reader.fieldnames or [])
    writer.writeheader()
    writer.writerows(row for given in reader if (row := edit(given)) is not None)
    return result.getvalue()


def user(source_id: str, **changes: str) -> Edit:
    """Change one user."""
    return lambda row: row | changes if row["sourcedId"] == source_id else row


async def told(database: Database, since: int = 0) -> list[Event]:
    found = await unsent_events(database, "auth")
    for event in found:
        check_event(event)
    return found[since:]


async def test_a_package_is_imported(admin: Person, database: Database, sample: bytes, sql: Sql) -> None:
    roster = await run(admin, database, sample)
    assert roster["status"] == "done", roster
    assert counts(roster) == {"account-created": 44}
    assert roster["progress"] == {"users.csv": {"done": 44, "total": 44}}
    events = await told(database, since=2)
    assert [event.type for event in events] == ["auth.account-created.v1"] * 44 + ["auth.roster-imported.v1"]
    last = events[-1]
    assert last.data == {"roster_id": roster["id"], "package_sha256": roster["package_sha256"], "accounts": 44}
    assert len({event.traceparent for event in events}) == 1
    assert sql("SELECT count(*) FROM accounts WHERE password_hash IS NOT NULL") == [(1,)]
    assert sql("SELECT count(*) FROM roster_chunks") == [(0,)]
    listed = await admin.call("GET", "/rosters")
    assert [item["id"] for item in listed["items"]] == [roster["id"]]


async def test_a_second_import_changes_nothing(admin: Person, database: Database, sample: bytes) -> None:
    await run(admin, database, sample)
    before = len(await told(database))
    again = await run(admin, database, sample)
    assert counts(again) == {}
    assert [event.type for event in await told(database, before)] == ["auth.roster-imported.v1"]


async def test_a_dry_run_says_what_would_change(admin: Person, database: Database, sample: bytes, sql: Sql) -> None:
    before = sql("SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM outbox)")
    planned = await run(admin, database, sample, dry_run="true")
    assert (planned["status"], planned["dry_run"], counts(planned)) == ("done", True, {"account-created": 44})
    assert len(planned["changes"]["account-created"]["first"]) == 20
    assert sql("SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM outbox)") == before
    await run(admin, database, sample)
    changed = edited(sample, "users.csv", user("user-mara", enabledUser="false"))
    assert counts(await run(admin, database, changed, dry_run="true")) == {"account-deactivated": 1}


async def test_an_imported_person_signs_in_with_a_temporary_password(
    client: Client, admin: Person, database: Database, sample: bytes
) -> None:
    await run(admin, database, sample)
    await post(client, "/login", 401, email="mara@elm.example", password="")
    page = await admin.call("GET", "/accounts", params={"search": "mara@"})
    assert page["items"][0]["has_password"] is False
    path = f"/accounts/{page['items'][0]['id']}/temporary-password"
    temporary = (await admin.call("POST", path))["temporary_password"]
    mara = await sign_in(client, "mara@elm.example", temporary, new_password="a good battery")
    assert (await mara.call("GET", "/me"))["role"] == "teacher"


async def test_only_what_changed_is_told(admin: Person, database: Database, sample: bytes) -> None:
    await run(admin, database, sample)
    before = len(await told(database))
    changed = edited(sample, "users.csv", user("user-mara", email="mara.l@elm.example", familyName="Berg"))
    assert counts(await run(admin, database, changed)) == {"account-updated": 1}
    event, _ = await told(database, before)
    assert event.type == "auth.account-updated.v1"
    assert (event.sequence, event.data["email"], event.data["name"]) == (2, "mara.l@elm.example", "Mara Berg")


async def test_a_disabled_user_is_out(client: Client, admin: Person, database: Database, sample: bytes) -> None:
    teacher, account = await admin.hire("mara@elm.example", "teacher", "Mara")
    changed = edited(sample, "users.csv", user("user-mara", enabledUser="false"))
    assert counts(await run(admin, database, changed))["account-deactivated"] == 1
    await post(client, "/refresh", 401, refresh_token=teacher.refresh_token)
    assert (await admin.call("GET", f"/accounts/{account['id']}"))["status"] == "deactivated"
    await run(admin, database, sample)
    assert (await admin.call("GET", f"/accounts/{account['id']}"))["status"] == "active"


async def test_whom_an_admin_put_out_stays_out(admin: Person, database: Database, sample: bytes) -> None:
    await run(admin, database, sample)
    page = await admin.call("GET", "/accounts", params={"search": "mara@"})
    path = f"/accounts/{page['items'][0]['id']}"
    await admin.call("DELETE", path, 204)
    assert counts(await run(admin, database, sample)) == {}
    assert (await admin.call("GET", path))["status"] == "deactivated"


async def test_a_person_with_an_account_elsewhere_joins(
    client: Client, admin: Person, database: Database, sample: bytes
) -> None:
    mara = await register(client, "mara@elm.example")
    roster = await run(admin, database, sample)
    assert counts(roster) == {"account-created": 43, "account-joined": 1}
    assert (await mara.call("GET", "/me"))["role"] == "admin"
    page = await admin.call("GET", "/accounts", params={"search": "mara@"})
    assert page["items"][0]["joined"] is False
    moved = edited(sample, "users.csv", user("user-mara", email="other@elm.example"))
    assert counts(await run(admin, database, moved)) == {"email-kept": 1}
    assert (await mara.call("GET", "/me"))["email"] == "mara@elm.example"


async def test_an_address_that_moves_is_told_in_every_school(
    client: Client, admin: Person, database: Database, sample: bytes
) -> None:
    await run(admin, database, sample)
    other = await register(client, "eve@oak.example")
    await other.call("POST", "/accounts", 201, json={"email": "mara@elm.example", "name": "M", "role": "teacher"})
    before = len(await told(database))
    moved = edited(sample, "users.csv", user("user-mara", email="mara.l@elm.example"))
    await run(admin, database, moved)
    events = await told(database, before)
    assert {event.school_id for event in events[:2]} == {await admin.school_id(), await other.school_id()}
    assert {event.data["email"] for event in events[:2]} == {"mara.l@elm.example"}


async def test_an_import_never_demotes_an_admin(client: Client, database: Database, sample: bytes) -> None:
    mara = await register(client, "mara@elm.example")
    roster = await run(mara, database, sample)
    assert counts(roster) == {"account-created": 43, "account-updated": 1, "admin-kept": 1}
    assert (await mara.call("GET", "/me"))["role"] == "admin"


async def test_swapped_addresses_end_in_order(admin: Person, database: Database, sample: bytes, sql: Sql) -> None:
    await run(admin, database, sample)
    swap = {"user-mara": "joao@elm.example", "user-joao": "mara@elm.example"}
    swapped = edited(sample, "users.csv", lambda row: row | {"email": swap.get(row["sourcedId"], row["email"])})
    roster = await run(admin, database, swapped)
    assert counts(roster)["email-taken"] == 2
    assert sql("SELECT count(*) FROM accounts") == [(45,)]


BROKEN: dict[str, tuple[str, Edit]] = {
    "unknown-reference": ("roles.csv", lambda row: row | {"userSourcedId": "nobody"}),
    "duplicate-id": ("users.csv", lambda row: row | {"sourcedId": "same"}),
    "bad-value": ("users.csv", lambda row: row | {"email": "no address"}),
}


@pytest.mark.parametrize("code", BROKEN)
async def test_a_broken_package_writes_nothing(
    admin: Person, database: Database, sample: bytes, sql: Sql, code: str
) -> None:
    state = "SELECT (SELECT count(*) FROM memberships), (SELECT count(*) FROM outbox)"
    before = sql(state)
    roster = await run(admin, database, edited(sample, *BROKEN[code]))
    assert roster["status"] == "failed"
    problem = next(item for item in roster["problems"] if item["code"] == code)
    assert problem["file"] == BROKEN[code][0]
    assert problem["line"] > 1
    assert problem["field"]
    assert sql(state) == before


async def test_what_is_no_zip_fails_with_a_report(admin: Person, database: Database) -> None:
    roster = await run(admin, database, b"no zip")
    assert (roster["status"], roster["problems"][0]["code"]) == ("failed", "not-a-zip")


async def test_uploads_that_cannot_be_read_are_refused(admin: Person, sample: bytes, sql: Sql) -> None:
    await admin.call("POST", "/rosters", 400, json={"package": "x"})
    await admin.call("POST", "/rosters", 422, data=form(b""))
    await admin.call("POST", "/rosters", 422, data=form(sample, unknown="x"))
    await admin.call("POST", "/rosters", 422, data=form(sample), params={"dry_run": "perhaps"})
    twice = form(sample)
    twice.add_field("package", sample, filename="b.zip")
    await admin.call("POST", "/rosters", 422, data=twice)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    await admin.call("POST", "/rosters", 400, data=b"--x\r\nno headers", headers=broken)
    none = {"Content-Type": "multipart/form-data"}
    await admin.call("POST", "/rosters", 400, data=b"--x\r\n", headers=none)
    assert sql("SELECT count(*) FROM rosters") == [(0,)]


async def test_a_package_may_have_so_many_bytes(admin: Person, sql: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.rosters.receive.__kwdefaults__", {"fields": (), "limit": 600_000})
    answer = await admin.call("POST", "/rosters", 413, data=form(bytes(700_000)))
    assert answer["code"] == "package_too_large"
    assert sql("SELECT count(*) FROM roster_chunks") == [(0,)]
    assert sql("SELECT count(*) FROM rosters") == [(0,)]


async def test_a_foreign_import_is_as_one_that_does_not_exist(client: Client, admin: Person, sample: bytes) -> None:
    stranger = await register(client, "eve@oak.example")
    roster_id = await upload(admin, sample)
    await stranger.call("GET", f"/rosters/{roster_id}", 404)
    assert (await stranger.call("GET", "/rosters"))["items"] == []


async def test_an_import_waits_while_events_are_unsent(
    admin: Person, database: Database, sample: bytes, monkeypatch: pytest.MonkeyPatch, sql: Sql
) -> None:
    monkeypatch.setattr("chassis.rosters.work.MOST_UNSENT", 1)
    monkeypatch.setattr("chassis.rosters.work._PAUSE_SECONDS", 0.01)
    waited: list[int] = []
    original = database.value

    async def value(query: str, /, **params: Any) -> Any:
        if query == "roster_backlog":
            waited.append(1)
            if len(waited) == 3:
                sql("UPDATE outbox SET published_at = now()")
        return await original(query, **params)

    monkeypatch.setattr(database, "value", value)
    assert (await run(admin, database, sample))["status"] == "done"
    assert len(waited) == 3
