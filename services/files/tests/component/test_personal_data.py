"""What files gives of a person, and that nothing of them is left, in the bucket neither."""

from typing import Any

import pytest

from chassis.db import Database
from chassis.testing import uuid7
from chassis.testing_personal_data import erased, exported, traces
from files import samples
from files.storage import Storage, key_of, thumbnail_key
from files.testing import Actor, attachment, classroom, event, tell
from files.upkeep.work import remove


@pytest.mark.usefixtures("inspector")
async def test_a_person_is_exported_and_erased(
    people: dict[str, Actor], database: Database, database_url: str, storage: Storage, sql: Any
) -> None:
    sam, tara, room = people["sam"], people["tara"], uuid7()
    school_id = sam.caller.school_id
    for actor in (sam, tara):
        data = {
            "account_id": str(actor.id),
            "name": "Zacharias Quill",
            "role": str(actor.caller.role),
            "status": "active",
        }
        await tell(database, [event("auth.account-created", actor.id, school_id, data)])
    work = await sam.upload("zacharias quill.png", samples.picture(), "image/png")
    material = await tara.upload("sheet.pdf", samples.pdf(), "application/pdf")
    draft = await tara.upload("zacharias quill.pdf", samples.pdf(), "application/pdf")
    await tell(
        database,
        [
            classroom(room, school_id),
            attachment(work, room, school_id, submission_id=str(uuid7())),
            attachment(material, room, school_id, audience="members"),
        ],
    )
    given = await exported(database, "files", school_id, sam.id)
    assert given["account"] == [{"role": "student", "status": "active", "name": "Zacharias Quill"}]
    assert [file["name"] for file in given["files"]] == ["zacharias quill.png"]
    for actor in (sam, tara):
        await erased(database, "files", school_id, actor.id)
    await remove(database, storage)
    assert traces(database_url, "zacharias") == {}
    for file in (work, draft):
        key = key_of(school_id, file["file_id"])
        assert (await storage.size(key), await storage.size(thumbnail_key(key))) == (None, None)
    assert await storage.size(key_of(school_id, material["file_id"])) == material["size"]
    deleted = {row[0] for row in sql("SELECT data ->> 'file_id' FROM outbox WHERE type = 'files.file-deleted.v1'")}
    assert deleted == {work["file_id"], draft["file_id"]}
    assert await exported(database, "files", uuid7(), sam.id) == {}
