"""`python -m dev restore`: a backup into an empty stack, checked against its manifest before anybody may use it."""

import io
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from minio import Minio
from minio.error import S3Error
from psycopg2 import sql

from chassis import migrate
from dev import postgres, rabbitmq, s3, services
from dev.backup import ERASURE, SCHEMAS, BackupError, Manifest, backups, blob_file, fingerprints, hashed, run
from dev.layout import ROOT
from dev.programs import Plan

# What was on its way to a consumer when the backup was made is in no table: it is sent again, and the inboxes drop
# what they have. Sent events are kept for a day.
ON_THE_WAY = """
UPDATE {} SET published_at = NULL WHERE published_at > %s::timestamptz - interval '1 hour'
"""
REMEMBER = """
INSERT INTO {} (school_id, account_id, erased_at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) ON CONFLICT DO NOTHING
"""


def restore(plan: Plan, folder: Path, backup: Path) -> Manifest:
    """Put `backup` of `folder` into the data services of `plan`, and forget again who was erased since.

    The services must be down. Raises BackupError where the target is not empty, or anything differs from the manifest.
    """
    manifest = Manifest.read(backup)
    check_blobs(folder, manifest)
    with closing(psycopg2.connect(postgres.admin_url(plan))) as connection:
        refuse_what_is_used(connection)
    for service in services.NAMES:
        migrate.prepare(services.package(service), services.database_url(plan, service), postgres.admin_url(plan))
    command = [str(postgres.binary("pg_restore")), "--clean", "--if-exists", "--exit-on-error", "--single-transaction"]
    run([*command, f"--dbname={postgres.admin_url(plan)}", str(backup / "database.dump")])
    store_blobs(s3.client(plan), folder, manifest)
    with closing(psycopg2.connect(postgres.admin_url(plan))) as connection:
        compare(manifest.tables, fingerprints(connection))
    for service in services.NAMES:  # the backup may be of an older release
        services.migrate(plan, service)
    with closing(psycopg2.connect(postgres.admin_url(plan))) as connection:
        remember(connection, newest(folder, manifest).erasures)
        forget_again(plan)
        send_again(connection, manifest.taken_at)
    return manifest


def newest(folder: Path, manifest: Manifest) -> Manifest:
    """The last backup of the folder: whoever was erased until then stays erased."""
    found = backups(folder)
    return Manifest.read(found[-1]) if found else manifest


def check_blobs(folder: Path, manifest: Manifest) -> None:
    """Raises BackupError for the first blob whose bytes are not those that were stored."""
    for key, expected in manifest.blobs.items():
        file = blob_file(folder / "blobs", key)
        if not file.exists() or hashed(file) != expected:
            raise BackupError(f"the backup's blob {key} is {'damaged' if file.exists() else 'missing'}")


def refuse_what_is_used(connection: Any) -> None:
    """Raises BackupError where a school is already kept: a restore never overwrites."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('auth.schools') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute("SELECT EXISTS (SELECT FROM auth.schools)")
            if cursor.fetchone() == (True,):
                raise BackupError("Schools are kept here already. `make reset` first, or give another STATE.")


def store_blobs(store: Minio, folder: Path, manifest: Manifest) -> None:
    """Put every blob back under its key, unless it is there."""
    for key in manifest.blobs:
        if not _there(store, key):
            file = blob_file(folder / "blobs", key)
            with file.open("rb") as opened:
                store.put_object(s3.BUCKET, key, io.BufferedReader(opened.raw), file.stat().st_size)


def _there(store: Minio, key: str) -> bool:
    try:
        store.stat_object(s3.BUCKET, key)
    except S3Error:
        return False
    return True


def compare(expected: Mapping[str, list[Any]], found: Mapping[str, list[Any]]) -> None:
    """Raises BackupError naming each table whose rows are not those of the backup."""
    different = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if different:
        raise BackupError(f"not as in the backup: {', '.join(different)}")


def remember(connection: Any, erasures: Iterable[Mapping[str, str]]) -> None:
    """Tell every schema who was erased, also after the backup."""
    columns = [[row[name] for row in erasures] for name in ERASURE]
    with connection, connection.cursor() as cursor:
        for schema in SCHEMAS:
            cursor.execute(sql.SQL(REMEMBER).format(sql.Identifier(schema, "erased_accounts")), columns)


def send_again(connection: Any, taken_at: str) -> None:
    """Mark as unsent what may not have reached its consumers."""
    with connection, connection.cursor() as cursor:
        for schema in SCHEMAS:
            cursor.execute(sql.SQL(ON_THE_WAY).format(sql.Identifier(schema, "outbox")), (taken_at,))


def forget_again(plan: Plan) -> None:
    """`reapply-erasures` of every service, from its table and from the stream where that has survived."""
    told = {"AMQP_URL": rabbitmq.amqp_url(plan), "AMQP_MANAGEMENT_URL": rabbitmq.management_url(plan)}
    _python(told, "-m", "chassis.topology")

    def reapply(service: str) -> None:
        own = {"DATABASE_URL": services.database_url(plan, service)}
        _python(told | own, "-m", services.package(service), "reapply-erasures")

    # Each reads the whole stream and waits for its end.
    with ThreadPoolExecutor() as threads:
        list(threads.map(reapply, services.NAMES))


def _python(environment: Mapping[str, str], *arguments: str) -> None:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
