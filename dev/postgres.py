"""A private PostgreSQL: its own cluster, loopback only, nothing relaxed about durability."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import sql

from dev.layout import passable, write_private
from dev.programs import Plan, Program

ADMIN = "postgres"
DATABASE = "homeroom"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
}


def program(plan: Plan) -> Program:
    """The server, as user postgres where we are root (it refuses to run as root)."""
    folder = cluster(plan)
    settings = {**SETTINGS, "port": str(plan.ports["postgres"])}
    options = [item for name, value in settings.items() for item in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(binary("postgres")), "-D", str(folder), *options),
        directory=folder,
        user=owner(),
        stop_signal="INT",  # fast shutdown: ends sessions, keeps data
        stop_seconds=30,
        prepare=lambda: create_cluster(plan, folder),
        ready=lambda: check(plan),
        finish=lambda: create_database(plan),
    )


def admin_url(plan: Plan, database: str = DATABASE) -> str:
    return f"postgresql://{ADMIN}:{plan.secrets['postgres']}@127.0.0.1:{plan.ports['postgres']}/{database}"


def binary(name: str) -> Path:
    """The newest installed server's program of that name; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1]
    in_path = shutil.which(name)
    if in_path is None:
        raise FileNotFoundError(f"{name} is not installed")
    return Path(in_path)


def owner() -> str | None:
    return ADMIN if os.getuid() == 0 else None


def cluster(plan: Plan) -> Path:
    """The cluster's folder: in the state folder, or beside it where user postgres cannot pass (a checkout in /root)."""
    inside = plan.state.data / "postgres"
    if owner() is None or inside.exists() or passable(inside.parent):
        return inside
    name = hashlib.sha256(plan.state.mark.encode()).hexdigest()[:12]
    return Path("/var/lib/homeroom") / name / "postgres"


def remove_cluster(plan: Plan) -> None:
    """Delete the data; what is outside the state folder has a folder of its own there."""
    folder = cluster(plan)
    inside = folder.is_relative_to(plan.state.folder)
    shutil.rmtree(folder if inside else folder.parent, ignore_errors=True)


def create_cluster(plan: Plan, folder: Path) -> None:
    """`initdb`, once; a half-made cluster of an interrupted run is thrown away."""
    if (folder / "PG_VERSION").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    password = write_private(folder.with_name("postgres.password"), plan.secrets["postgres"])
    user = owner()
    if user is not None:
        account = pwd.getpwnam(user)
        for path in (folder, password):
            os.chown(path, account.pw_uid, account.pw_gid)
    _initdb(folder, password, user)
    password.unlink()


def _initdb(folder: Path, password: Path, user: str | None) -> None:
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    options = ["--encoding=UTF8", "--locale=C.UTF-8", f"--username={ADMIN}", "--auth=scram-sha-256"]
    command = [*as_user, str(binary("initdb")), "-D", str(folder), f"--pwfile={password}", *options]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def check(plan: Plan) -> None:
    psycopg2.connect(admin_url(plan, "postgres"), connect_timeout=2).close()


def create_database(plan: Plan) -> None:
    """The one database of the five services; each gets a schema and a role in it by its migrations."""
    connection = psycopg2.connect(admin_url(plan, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    finally:
        connection.close()
