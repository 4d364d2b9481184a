"""SQL is a document: every query has a name that is used and a word about what it is for."""

import re
from importlib import resources
from pathlib import Path

import pytest

from chassis.db import load_queries
from dev import services

PACKAGES = ("chassis", *map(services.package, services.NAMES))
# Kept for tests and for people looking into trouble.
UNUSED_BY_CODE = {"list_outbox"}
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.IGNORECASE | re.DOTALL)
# These prepare databases and roles, which named queries cannot do.
MAY_HOLD_SQL = {"migrate.py", "testing.py", "testing_personal_data.py", "schema.py", "cache.py"}


def sources(package: str) -> dict[Path, str]:
    """Every Python module of a package."""
    folder = Path(str(resources.files(package)))
    return {path: path.read_text("utf-8") for path in folder.rglob("*.py")}


def used(name: str, code: str) -> bool:
    """By its whole name, or by the two parts of a pair such as `plan_grades` and `import_grades`."""
    verb, _, what = name.partition("_")
    return f'"{name}"' in code or (f'"{verb}"' in code and f'"{what}"' in code)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_query_is_used(package: str) -> None:
    code = "".join(text for name in PACKAGES for text in sources(name).values())
    unused = {name for name in load_queries(package) if not used(name, code)}
    assert unused - UNUSED_BY_CODE == set()
    assert not used("read_nothing_at_all", code)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_query_hides_in_code(package: str) -> None:
    literal = re.compile(r'"""(.*?)"""|"([^"\n]*)"', re.DOTALL)
    hidden = {
        f"{path.name}: {text[:60]}"
        for path, code in sources(package).items()
        if path.name not in MAY_HOLD_SQL
        for groups in literal.findall(code)
        if SQL.search(text := "".join(groups))
    }
    assert hidden == set()


def test_a_hidden_query_would_be_seen() -> None:
    assert SQL.search("SELECT id FROM accounts WHERE id = %s")
    assert SQL.search("insert into outbox values (1)")


def versions(package: str) -> list[str]:
    """The versions of a package's migrations; dbmate runs each once."""
    folder = Path(str(resources.files(package))) / "sql" / "migrations"
    return [path.name.partition("_")[0] for path in folder.glob("*.sql")]


@pytest.mark.parametrize("package", [name for name in PACKAGES if name != "chassis"])
def test_no_two_migrations_of_a_schema_have_one_version(package: str) -> None:
    """The chassis's run in every schema: one that has another's version would never run there."""
    together = versions("chassis") + versions(package)
    assert len(set(together)) == len(together) > 1
