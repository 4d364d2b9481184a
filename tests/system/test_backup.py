"""The restore drill: a backup brought back to an empty host."""

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import psycopg2
import pytest

from chassis.testing import eventually
from dev import backup, postgres, restore, s3
from dev.stack import Stack
from tests.system.people import PASSWORD, School

pytestmark = pytest.mark.alone

KEY = "drill/blob"
BYTES = bytes(range(256)) * 1000


@pytest.fixture
def empty(whole: Stack, tmp_path: Path) -> Iterator[Stack]:
    """Another host: data services of its own, and the one secret that is kept apart from backups."""
    stack = Stack(tmp_path / ".homeroom-restored", restart=False)
    shutil.copytree(whole.state.secrets, stack.state.secrets, dirs_exist_ok=True)
    try:
        stack.up({"data"})
        yield stack
    finally:
        stack.reset()


@pytest.fixture
def blob(whole: Stack) -> Iterator[None]:
    """A file in the store, whose uploader lied about it."""
    store = s3.client(whole.plan())
    store.put_object(s3.BUCKET, KEY, io.BytesIO(BYTES), len(BYTES), metadata={"Content-Encoding": "gzip"})
    yield
    store.remove_object(s3.BUCKET, KEY)


def everything(stack: Stack) -> str:
    """All rows of all schemas, as text, but events: those sent are gone after a day, as the stream's are after 30."""
    found = []
    with closing(psycopg2.connect(postgres.admin_url(stack.plan()))) as connection, connection.cursor() as cursor:
        for name in backup.fingerprints(connection):
            if name.endswith(".outbox"):
                continue
            cursor.execute(f"SELECT t::text FROM {name} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


async def test_a_backup_comes_back_on_an_empty_host(
    whole: Stack, empty: Stack, school: School, blob: None, tmp_path: Path
) -> None:
    """GUARANTEES 33: rows, blobs and erasures match; who was erased after the backup is forgotten again."""
    gone, kept = f"Gone {token_hex(8)}", f"Kept {token_hex(8)}"
    leaver = await _student(school, gone)
    await _student(school, kept)
    first = backup.create(whole.plan(), tmp_path / "backups")
    await school.admin.send("POST", f"/api/auth/accounts/{leaver}/erase", {"confirm": _email(school, gone)})
    await eventually(lambda: _forgotten(whole, leaver))
    backup.create(whole.plan(), tmp_path / "backups")

    restore.restore(empty.plan(), tmp_path / "backups", first)

    rows = everything(empty)
    assert kept in rows
    assert gone not in rows
    assert s3.client(empty.plan()).get_object(s3.BUCKET, KEY).read(decode_content=False) == BYTES
    empty.up({"auth"})
    assert await _signs_in(empty, school)
    await eventually(lambda: _sent(empty))


def _email(school: School, name: str) -> str:
    return f"{name.split()[0].lower()}@{school.domain}"


async def _student(school: School, name: str) -> str:
    document = {"email": _email(school, name), "name": name, "role": "student"}
    created = await school.admin.send("POST", "/api/auth/accounts", document)
    return str(created["account"]["id"])


async def _signs_in(stack: Stack, school: School) -> bool:
    url = f"http://127.0.0.1:{stack.plan().ports['auth-web']}/api/auth/login"
    async with aiohttp.ClientSession() as session:
        answer = await session.post(url, json={"email": school.admin.email, "password": PASSWORD})
        return answer.status == 200


async def _forgotten(stack: Stack, account_id: str) -> bool:
    with closing(psycopg2.connect(postgres.admin_url(stack.plan()))) as connection:
        return account_id in [row["account_id"] for row in backup.erased(connection)]


async def _sent(stack: Stack) -> bool:
    with closing(psycopg2.connect(postgres.admin_url(stack.plan()))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auth.outbox WHERE published_at IS NULL")
        return cursor.fetchone() == (0,)


def test_a_damaged_backup_is_refused(whole: Stack, empty: Stack, blob: None, tmp_path: Path) -> None:
    """Control of GUARANTEES 33: a flipped byte, a missing row and a host in use are all noticed."""
    folder = tmp_path / "backups"
    made = backup.create(whole.plan(), folder)
    with pytest.raises(backup.BackupError, match="Schools are kept here already"):
        restore.restore(whole.plan(), folder, made)
    file = made / "manifest.json"
    manifest = json.loads(file.read_text())
    rows = manifest["tables"]["auth.accounts"]
    file.write_text(json.dumps(manifest | {"tables": manifest["tables"] | {"auth.accounts": [rows[0] + 1, rows[1]]}}))
    with pytest.raises(backup.BackupError, match=r"not as in the backup: auth\.accounts"):
        restore.restore(empty.plan(), folder, made)
    (folder / "blobs" / KEY).write_bytes(b"x" + BYTES[1:])
    with pytest.raises(backup.BackupError, match=f"{KEY} is damaged"):
        restore.restore(empty.plan(), folder, made)


def test_a_blob_that_is_deleted_while_it_is_copied_ends_no_backup(whole: Stack, blob: None, tmp_path: Path) -> None:
    store = s3.client(whole.plan())
    listed = store.list_objects

    def deleted_once_listed(*arguments: Any, **named: Any) -> Iterator[Any]:
        for item in listed(*arguments, **named):
            if item.object_name == KEY:
                store.remove_object(s3.BUCKET, KEY)
            yield item

    store.list_objects = deleted_once_listed  # type: ignore[method-assign]
    assert KEY not in backup.copy_blobs(store, tmp_path, {})


def test_a_blob_damaged_in_the_backups_is_fetched_again(whole: Stack, blob: None, tmp_path: Path) -> None:
    """Else the next backup would call the damage right, and a restore bring it back."""
    first = backup.create(whole.plan(), tmp_path)
    (tmp_path / "blobs" / KEY).write_bytes(b"x" + BYTES[1:])
    backup.create(whole.plan(), tmp_path)
    restore.check_blobs(tmp_path, backup.Manifest.read(first))
    assert (tmp_path / "blobs" / KEY).read_bytes() == BYTES
