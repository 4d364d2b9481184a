"""Each service's database role reads its own schema and no other (GUARANTEES 45)."""

from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2 import sql

from chassis.migrate import migrate
from chassis.testing import Stack, empty_database

# They share one database.
pytestmark = pytest.mark.xdist_group("roles")
PACKAGES = ("auth", "classroom", "grading", "lecture_chat", "files")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
OTHERS = [(role, schema) for role in PACKAGES for schema in PACKAGES if role != schema]
Urls = dict[str, str]


@pytest.fixture(scope="module")
def urls(stack: Stack) -> Iterator[Urls]:
    """One database with all five schemas: each role's URL of it, and the superuser's under `postgres`."""
    with empty_database(stack, *PACKAGES) as url:
        name = urlsplit(url).path.removeprefix("/")
        admin = urlsplit(stack.admin_database_url)._replace(path=f"/{name}").geturl()
        found = {package: stack.role_url(package, name) for package in PACKAGES}
        for package in PACKAGES:
            migrate(package, found[package])
        yield found | {"postgres": admin}


def tables(urls: Urls, schema: str) -> list[str]:
    return [str(row[0]) for row in run(urls["postgres"], sql.SQL(TABLES), [schema])]


def run(url: str, statement: sql.Composable, params: list[str] | None = None) -> list[tuple[object, ...]]:
    """Run one statement and undo it."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def readable(urls: Urls, role: str, schema: str) -> list[str]:
    """The tables of the schema that the role can read."""
    return [
        name for name in tables(urls, schema) if allowed(urls[role], sql.SQL("SELECT * FROM {} LIMIT 1"), schema, name)
    ]


def allowed(url: str, statement: sql.SQL, *identifier: str) -> bool:
    try:
        run(url, statement.format(sql.Identifier(*identifier)))
    except psycopg2.errors.InsufficientPrivilege:
        return False
    return True


@pytest.mark.parametrize(("role", "schema"), OTHERS)
def test_a_foreign_schema_is_closed(urls: Urls, role: str, schema: str) -> None:
    assert tables(urls, schema)
    assert readable(urls, role, schema) == []
    for name in tables(urls, schema):
        assert not allowed(urls[role], sql.SQL("DELETE FROM {}"), schema, name)
    assert not allowed(urls[role], sql.SQL("CREATE TABLE {} ()"), schema, "mine")


@pytest.mark.parametrize("role", PACKAGES)
def test_a_role_has_no_other_rights(urls: Urls, role: str) -> None:
    assert readable(urls, role, role) == tables(urls, role)
    assert not allowed(urls[role], sql.SQL("CREATE TABLE {} ()"), "public", "mine")
    assert not allowed(urls[role], sql.SQL("CREATE SCHEMA {}"), "mine")
    assert not allowed(urls[role], sql.SQL("SET ROLE {}"), "postgres")
    rights = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = %s"
    assert run(urls["postgres"], sql.SQL(rights), [role]) == [(False,)]
    memberships = "SELECT 1 FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %s)"
    assert run(urls["postgres"], sql.SQL(memberships), [role]) == []


@pytest.fixture
def opened(urls: Urls) -> Iterator[Callable[[str], None]]:
    """Breaks the isolation on purpose: whoever is named may read grading; closed again at the end."""
    grants = ("GRANT USAGE ON SCHEMA grading TO {}", "GRANT SELECT ON grading.facts TO {}")
    revokes = ("REVOKE ALL ON grading.facts FROM {}", "REVOKE ALL ON SCHEMA grading FROM {}")
    names: list[str] = []

    def execute(statements: tuple[str, ...], role: str) -> None:
        with closing(psycopg2.connect(urls["postgres"])) as connection, connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(sql.Identifier(role)))

    def grant(role: str) -> None:
        names.append(role)
        execute(grants, role)

    yield grant
    for name in names:
        execute(revokes, name)


def test_an_open_schema_would_be_seen(urls: Urls, opened: Callable[[str], None]) -> None:
    opened("files")
    assert readable(urls, "files", "grading") == ["facts"]
