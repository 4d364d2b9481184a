"""A service's tables as a graphviz document, from its `sql/schema.sql` (which a test holds equal to the migrations)."""

import re
from dataclasses import dataclass, field
from html import escape

from dev import services

TABLE = re.compile(r"^CREATE TABLE \w+\.(\w+) \(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(
    r"^    (\w+) ((?:timestamp|time) with(?:out)? time zone|double precision|[\w.]+(?:\(\d+(?:,\d+)?\))?(?:\[\])?)"
)
KEY = re.compile(r"ALTER TABLE ONLY \w+\.(\w+)\n    ADD CONSTRAINT \w+ PRIMARY KEY \(([^)]*)\)")
REFERENCE = re.compile(
    r"ALTER TABLE ONLY \w+\.(\w+)\n    ADD CONSTRAINT \w+ FOREIGN KEY \(([^)]*)\) REFERENCES \w+\.(\w+)\("
)
SHORT = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "character varying": "varchar",
    "double precision": "double",
}
# Every service has these; they are explained once, in docs/architecture.md.
OF_THE_CHASSIS = {
    "outbox",
    "inbox",
    "idempotency_keys",
    "revoked_sessions",
    "rosters",
    "roster_packages",
    "erased_accounts",
    "schema_migrations",
}


@dataclass(slots=True)
class Table:
    """Columns with their short types, and which of them are the primary key."""

    name: str
    columns: dict[str, str]
    key: set[str] = field(default_factory=set)


def tables(schema: str) -> dict[str, Table]:
    """The tables of a schema's text that are the service's own, by name."""
    found = {}
    for name, body in TABLE.findall(schema):
        lines = (line for line in body.splitlines() if not line.startswith("    CONSTRAINT "))
        columns = {match[1]: SHORT.get(match[2], match[2]) for line in lines if (match := COLUMN.match(line))}
        found[name] = Table(name, columns)
    for name, columns in KEY.findall(schema):
        found[name].key = set(columns.split(", "))
    return {name: table for name, table in sorted(found.items()) if name not in OF_THE_CHASSIS}


def references(schema: str) -> list[tuple[str, str, str]]:
    """(table, columns, table referred to), in order."""
    return sorted((source, columns, target) for source, columns, target in REFERENCE.findall(schema))


def document(service: str, style: str) -> str:
    """The graphviz document of a service's schema."""
    package = services.package(service)
    schema = (services.folder(service) / package / "sql" / "schema.sql").read_text("utf-8")
    own = tables(schema)
    lines = ["digraph schema {", style, "  node [shape=plain, style=solid]"]
    lines += [f'  "{table.name}" [label=<{_label(table)}>]' for table in own.values()]
    for source, columns, target in references(schema):
        if source in own and target in own:
            lines.append(f'  "{source}" -> "{target}" [label="{columns}"]')
    return "\n".join([*lines, "}\n"])


def _label(table: Table) -> str:
    rows = [f'<tr><td colspan="2" bgcolor="#e8f0fb"><b>{table.name}</b></td></tr>']
    for name, kind in table.columns.items():
        shown = f"<u>{name}</u>" if name in table.key else name
        rows.append(
            f'<tr><td align="left">{shown}</td><td align="left"><font color="#667788">{escape(kind)}</font></td></tr>'
        )
    return f'<table border="0" cellborder="1" cellspacing="0" cellpadding="3" color="#9aa8bb">{"".join(rows)}</table>'
