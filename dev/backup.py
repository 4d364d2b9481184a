"""`python -m dev backup`: all schemas at one moment, every blob, who was erased, and a fingerprint of each table.

A backup is a folder `<time>/` with `database.dump` (pg_dump's custom format) and `manifest.json`; blobs never change
once stored, so all backups of a folder share `blobs/`. Secrets are not in it: keep `.homeroom/secrets` elsewhere.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from minio import Minio
from minio.error import S3Error
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from psycopg2 import sql

from dev import postgres, s3, services
from dev.layout import private
from dev.programs import Plan

SCHEMAS = tuple(services.package(name) for name in services.NAMES)
TAKEN, FAILED = "homeroom_backup_taken_timestamp_seconds", "homeroom_backup_failed"
KEPT_DAYS = 30
CHUNK = 1 << 20
ERASURE = ("school_id", "account_id", "erased_at")
FINGERPRINT = """
SELECT count(*), coalesce(md5(string_agg(hash, '' ORDER BY hash)), '')
FROM (SELECT md5(t::text) AS hash FROM {} t) AS rows
"""
Fingerprints = dict[str, list[Any]]


class BackupError(RuntimeError):
    """A backup cannot be made or used; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: fingerprints by `schema.table`, blobs' SHA-256 by key, erasures as rows."""

    taken_at: str
    tables: Fingerprints
    blobs: dict[str, str]
    erasures: list[dict[str, str]]

    @classmethod
    def read(cls, backup: Path) -> "Manifest":
        """Raises BackupError where the folder is no backup."""
        file = backup / "manifest.json"
        if not file.exists():
            raise BackupError(f"{backup} is no backup: it has no manifest.json")
        return cls(**json.loads(file.read_text("utf-8")))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Raises BackupError while another backup of the folder is made: no manifest names its new blobs yet."""
    private(folder)
    with (folder / ".lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another backup into {folder} is being made; wait for its end") from None
        yield


def create(plan: Plan, folder: Path, now: datetime | None = None) -> Path:
    """Make a backup in `folder` and return where it is; what an interrupted run left is never taken for whole."""
    moment = now or datetime.now(UTC)
    private(folder)
    backup = folder / moment.strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    unfinished = folder / f".{backup.name}"
    unfinished.mkdir()
    store, known = s3.client(plan), known_blobs(folder)
    blobs = copy_blobs(store, folder / "blobs", known)
    with snapshot(plan) as (connection, name):
        dump(plan, name, unfinished / "database.dump")
        tables, erasures = fingerprints(connection), erased(connection)
    # Whatever the dump knows of was there before it or is there now.
    blobs |= copy_blobs(store, folder / "blobs", known)
    manifest = Manifest(moment.isoformat(), tables, blobs, erasures)
    (unfinished / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
    unfinished.rename(backup)
    return backup


@contextmanager
def snapshot(plan: Plan) -> Iterator[tuple[Any, str]]:
    """A transaction that sees one moment, and the name under which pg_dump sees the same one."""
    with closing(psycopg2.connect(postgres.admin_url(plan))) as connection:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (name,) = cursor.fetchone() or ("",)
        yield connection, name


def dump(plan: Plan, name: str, target: Path) -> None:
    """`pg_dump` of the services' schemas at the snapshot `name`."""
    chosen = [f"--schema={schema}" for schema in SCHEMAS]
    command = [str(postgres.binary("pg_dump")), "--format=custom", f"--snapshot={name}", *chosen]
    run([*command, f"--file={target}", postgres.admin_url(plan)])
    target.chmod(0o600)


def run(command: list[str]) -> None:
    """Raises BackupError with what the program said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"{Path(command[0]).name} failed:\n{done.stderr}")


def fingerprints(connection: Any) -> Fingerprints:
    """Rows and a hash of all rows, whatever their order, of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) ORDER BY 1, 2", (list(SCHEMAS),)
        )
        tables = cursor.fetchall()
        found: Fingerprints = {}
        for schema, table in tables:
            cursor.execute(sql.SQL(FINGERPRINT).format(sql.Identifier(schema, table)))
            found[f"{schema}.{table}"] = list(cursor.fetchone())
        return found


def erased(connection: Any) -> list[dict[str, str]]:
    """Everybody that auth knows to be forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT school_id::text, account_id::text, erased_at::text FROM auth.erased_accounts ORDER BY 3, 2"
        )
        return [dict(zip(("school_id", "account_id", "erased_at"), row, strict=True)) for row in cursor.fetchall()]


def known_blobs(folder: Path) -> dict[str, str]:
    """The SHA-256 of every blob as it was when a backup first named it."""
    known: dict[str, str] = {}
    for backup in backups(folder):
        known = Manifest.read(backup).blobs | known
    return known


def copy_blobs(store: Minio, folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Fetch the blobs that `folder` lacks, or that are not as they were `known`; returns the SHA-256 of each by key."""
    found = {}
    for item in store.list_objects(s3.BUCKET, recursive=True):
        key = str(item.object_name)
        target = blob_file(folder, key)
        digest = hashed(target) if target.exists() else None
        if digest is None or digest != known.get(key, digest):
            digest = _fetch(store, key, target)
        if digest is not None:
            found[key] = digest
    return found


def blob_file(folder: Path, key: str) -> Path:
    """Where a blob is kept; a key that would lead out of the folder is refused."""
    target = (folder / key).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise BackupError(f"the key {key!r} leads out of the backup")
    return target


def _fetch(store: Minio, key: str, target: Path) -> str | None:
    """The SHA-256 of what is there now; None for what was deleted since it was listed."""
    try:
        answer = store.get_object(s3.BUCKET, key)
    except S3Error as error:
        if error.code == "NoSuchKey":
            return None
        raise
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as opened:
            # As they are stored: whoever uploads may have called them compressed.
            opened.writelines(answer.stream(CHUNK, decode_content=False))
    finally:
        answer.close()
        answer.release_conn()
    part.rename(target)
    return hashed(target)


def hashed(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def record(folder: Path, target: Path, *, failed: bool) -> None:
    """Tell Prometheus, by a file for node_exporter, when the newest whole backup was taken and how the last went."""
    registry = CollectorRegistry()
    if whole := backups(folder):
        taken = datetime.fromisoformat(Manifest.read(whole[-1]).taken_at).timestamp()
        Gauge(TAKEN, "When the newest whole backup was taken", registry=registry).set(taken)
    Gauge(FAILED, "Whether the last backup failed", registry=registry).set(failed)
    target.parent.mkdir(exist_ok=True)
    write_to_textfile(str(target), registry)


def backups(folder: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(path.parent for path in folder.glob("[0-9]*/manifest.json"))


def prune(folder: Path, now: datetime | None = None) -> list[Path]:
    """Delete backups older than KEPT_DAYS (never the newest), those that were broken off, and blobs that none names."""
    limit = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    old = [path for path in backups(folder)[:-1] if datetime.fromisoformat(Manifest.read(path).taken_at) < limit]
    for path in (*old, *folder.glob(".[0-9]*")):
        shutil.rmtree(path)
    named = {key for path in backups(folder) for key in Manifest.read(path).blobs}
    kept = {blob_file(folder / "blobs", key) for key in named}
    for file in (folder / "blobs").rglob("*"):
        if file.is_file() and file.resolve() not in kept:
            file.unlink()
    return old
