"""Packages that hold only what changed: users and roles as delta."""

import csv
import io
import zipfile
from typing import Any

import pytest

from auth.testing import Person, Sql
from auth.testing_rosters import counts, run
from chassis.db import Database
from chassis.oneroster import CLASSROOM_FILES, validate
from chassis.oneroster.files import SPECS

SINCE = "2026-11-25T00:00:00Z"
Rows = list[dict[str, str]]


def source(tables: dict[str, Rows], user: str) -> tuple[dict[str, str], dict[str, str]]:
    """A user of the sample and the primary role."""
    [known] = [row for row in tables["users.csv"] if row["sourcedId"] == user]
    [role] = [row for row in tables["roles.csv"] if row["userSourcedId"] == user and row["roleType"] == "primary"]
    return known, role


def marked(row: dict[str, str], status: str, **changes: str) -> dict[str, str]:
    return row | {"status": status, "dateLastModified": SINCE} | changes


def delta(users: Rows, role_rows: Rows, **modes: str) -> bytes:
    """A package of these rows alone."""
    properties = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    properties |= {"file.users": "delta", "file.roles": "delta"} | {f"file.{k}": v for k, v in modes.items()}
    files = {"manifest.csv": [{"propertyName": name, "value": value} for name, value in properties.items()]}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, rows in (files | {"users.csv": users, "roles.csv": role_rows}).items():
            text = io.StringIO()
            header = SPECS[name].headers if name in SPECS else tuple(rows[0])
            writer = csv.DictWriter(text, header, restval="")
            writer.writeheader()
            writer.writerows(rows)
            package.writestr(name, text.getvalue())
    return target.getvalue()


@pytest.fixture
def tables(sample_roster: Any) -> dict[str, Rows]:
    found: dict[str, Rows] = sample_roster.sample_rows()
    return found


@pytest.fixture
async def imported(admin: Person, database: Database, sample_roster: Any) -> None:
    assert (await run(admin, database, bytes(sample_roster.sample_package())))["status"] == "done"


@pytest.mark.usefixtures("imported")
async def test_what_changed_is_applied_and_nothing_else(
    admin: Person, database: Database, tables: dict[str, Rows], sql: Sql
) -> None:
    ids = [row["sourcedId"] for row in tables["users.csv"] if "student" in row["sourcedId"]]
    gone, renamed, promoted = (source(tables, user) for user in ids[:3])
    newcomer = marked(gone[0], "active", sourcedId="new-1", username="new-1", email="new@elm.example", givenName="Nia")
    users = [
        marked(gone[0], "tobedeleted"),
        marked(renamed[0], "active", givenName="Renamed", preferredGivenName=""),
        newcomer,
        marked(gone[0], "tobedeleted", sourcedId="never-seen"),
    ]
    roles = [
        marked(gone[1], "active", sourcedId="new-role", userSourcedId="new-1"),
        marked(promoted[1], "tobedeleted"),
        marked(promoted[1], "active", sourcedId="other-role", role="teacher"),
        marked(promoted[1], "active", sourcedId="nobody", userSourcedId="never-seen-2"),
    ]
    package = delta(users, roles)
    expected = {"account-created": 1, "account-updated": 2, "account-deactivated": 1, "unknown-skipped": 2}
    planned = await run(admin, database, package, dry_run="true")
    assert (planned["status"], counts(planned)) == ("done", expected), planned
    before: dict[str, str] = dict(
        sql("SELECT source_id, (name, role, status)::text FROM memberships WHERE source_id IS NOT NULL")
    )
    done = await run(admin, database, package)
    assert counts(done) == expected
    assert sorted(done["changes"]["unknown-skipped"]["first"]) == ["never-seen", "never-seen-2"]
    after = {s: tuple(r) for s, *r in sql("SELECT source_id, name, role, status FROM memberships WHERE source_id > ''")}
    assert after[ids[0]][2] == "deactivated"
    assert after[ids[1]][0].startswith("Renamed")
    assert after[ids[2]][1:] == ("teacher", "active")
    assert after["new-1"][1:] == ("student", "active")
    now: dict[str, str] = dict(
        sql("SELECT source_id, (name, role, status)::text FROM memberships WHERE source_id IS NOT NULL")
    )
    assert {user for user in before if before[user] != now[user]} == set(ids[:3])
    assert set(counts(await run(admin, database, package))) == {"unknown-skipped"}


@pytest.mark.usefixtures("imported")
async def test_what_a_delta_does_not_tell_is_asked_for(
    admin: Person, database: Database, tables: dict[str, Rows]
) -> None:
    user = next(row["sourcedId"] for row in tables["users.csv"] if "student" in row["sourcedId"])
    known, role = source(tables, user)
    lost = marked(role, "tobedeleted")
    refused = await run(admin, database, delta([], [lost]))
    assert [(p["file"], p["line"], p["code"]) for p in refused["problems"]] == [("roles.csv", 2, "roles-left")]
    assert (await run(admin, database, delta([marked(known, "tobedeleted")], [lost])))["status"] == "done"
    mixed = await run(admin, database, delta([marked(known, "active")], [role], roles="bulk"))
    assert "delta" in {problem["code"] for problem in mixed["problems"]}
    undated = await run(admin, database, delta([known], []))
    assert {(p["field"], p["code"]) for p in undated["problems"]} == {
        ("status", "missing-value"),
        ("dateLastModified", "missing-value"),
    }


async def test_only_people_come_as_delta() -> None:
    package = io.BytesIO(delta([], [], enrollments="delta"))
    report = validate(package, CLASSROOM_FILES)
    assert {(p.field, p.code) for p in report.problems if p.code == "delta"} == {
        ("file.users", "delta"),
        ("file.roles", "delta"),
        ("file.enrollments", "delta"),
    }
