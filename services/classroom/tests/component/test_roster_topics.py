"""Categories of a package become topics: known by their titles, whatever these were and become."""

from collections.abc import Callable

import pytest

from chassis.db import Database
from classroom.testing import Actor, Sql, Tables, counts, edit, run

School = dict[str, Actor]
TOPICS = ("topic-added", "topic-changed")


async def test_a_topic_that_is_there_is_taken_over(
    school: School, database: Database, sample_package: bytes, sql: Sql
) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package)
    sql("UPDATE topics SET source_id = NULL WHERE source_id = 'cat-home'")
    assert counts(await run(admin, database, sample_package)) == {}
    assert sql("SELECT count(*) FROM topics") == [(12,)]


@pytest.mark.parametrize(
    "titles",
    [
        ("Weekly quizzes", "Final EXAM", "Zulu"),
        ("Weekly quizzes", "Homework", "Final EXAM"),
        ("İzmir", "izmir", "Homework"),
        ("ΌΔΟΣ", "όδοσ", "όδος"),
        ("A", "B", "C"),
    ],
)
async def test_categories_may_change_titles_in_any_way(
    school: School, database: Database, tables: Tables, zipped: Callable[[Tables], bytes], sql: Sql, titles: list[str]
) -> None:
    admin = school["admin"]
    await run(admin, database, zipped(tables))
    for id_, title in zip(("cat-home", "cat-quiz", "cat-final"), titles, strict=True):
        edit(tables, "categories.csv", id_, title=title)
    planned = await run(admin, database, zipped(tables), query="?dry_run=true")
    done = await run(admin, database, zipped(tables))
    assert done["status"] == "done", done
    assert [done["changes"].get(kind) for kind in TOPICS] == [planned["changes"].get(kind) for kind in TOPICS]
    assert counts(await run(admin, database, zipped(tables))) == {}
    assert sql("SELECT count(*) FROM assignments WHERE topic_id IS NULL") == [(0,)]


async def test_a_topic_renamed_here_gives_way_to_one_that_took_its_title(
    school: School, database: Database, sample_package: bytes, sql: Sql
) -> None:
    admin = school["admin"]
    await run(admin, database, sample_package)
    ((topic, title, room),) = sql("SELECT id, title, classroom_id FROM topics ORDER BY id LIMIT 1")
    await admin.patch(f"/topics/{topic}", {"title": "Old"})
    new = await admin.made(f"/classrooms/{room}/topics", {"title": title.upper()})
    assert (await run(admin, database, sample_package))["status"] == "done"
    assert sql("SELECT count(*) > 0 FROM assignments WHERE topic_id = %s", new["id"]) == [(True,)]
    assert counts(await run(admin, database, sample_package)) == {}


async def test_categories_of_one_title_share_a_topic(
    school: School, database: Database, tables: Tables, zipped: Callable[[Tables], bytes], sql: Sql
) -> None:
    edit(tables, "categories.csv", "cat-final", title="weekly QUIZZES")
    assert (await run(school["admin"], database, zipped(tables)))["status"] == "done"
    assert sql("SELECT count(*), count(DISTINCT title) FROM topics") == [(8, 2)]
