"""Writing a quiz over HTTP: the bank, draws from it, GIFT files, and pictures that nobody sees too early."""

import pytest

from chassis.db import Database
from classroom.quizzes.testing import Document, QuizRoom, open_quiz
from classroom.testing import Actor, events, uploaded

School = dict[str, Actor]
GIFT = """$CATEGORY: $course$/top/Capitals

::Italy:: Of Italy? {=Rome ~Turin}

::Truth:: Paris is in France. {T}

::Order:: Put in order {>ALL VERTICAL one two three}

::Broken:: {#abc}
"""


def truth(title: str) -> Document:
    return {"kind": "true_false", "title": title, "answer": True}


async def fill_bank(teacher: Actor, tags: dict[str, list[str]]) -> None:
    for title, named in tags.items():
        await teacher.made("/bank/questions", {"question": truth(title), "tags": named})


@pytest.fixture
async def quiz(school: School) -> QuizRoom:
    """An empty quiz for sam and sue."""
    return await open_quiz(school["tara"], [school["sam"], school["sue"]], [])


async def test_a_draw_takes_from_the_authors_bank_by_tag(school: School, quiz: QuizRoom) -> None:
    """Copies, so that the bank may change later; never one question twice; another's bank is not reached."""
    await fill_bank(school["tara"], {"A": ["easy"], "B": ["easy"], "C": ["easy", "old"], "D": ["hard"]})
    await fill_bank(school["theo"], {"X": ["easy"]})
    draws = [{"count": 1, "points": "2", "tags": ["easy", "old"]}, {"count": 2, "points": "3", "tags": ["easy"]}]
    written = await quiz.write([truth("Fixed")], draws)
    pools = [[it["title"] for it in draw["questions"]] for draw in written["draws"]]
    assert (pools, written["max_score"]) == ([["C"], ["A", "B"]], "9")
    attempt = await quiz.start(school["sam"])
    assert sorted(it["title"] for it in attempt["questions"]) == ["A", "B", "C", "Fixed"]
    assert {it["points"] for it in attempt["questions"] if it["title"] in "AB"} == {"3"}
    body = {"questions": [], "draws": [{"count": 2, "tags": ["hard"]}]}
    other = await open_quiz(school["tara"], [], [])
    refused = await school["tara"].put(f"{other.path}/questions", body)
    assert (refused.status, refused["errors"][0]["field"]) == (422, "body.draws.0.count")


async def test_each_student_draws_and_keeps_what_was_drawn(school: School, quiz: QuizRoom) -> None:
    await fill_bank(school["tara"], {str(number): ["pool"] for number in range(12)})
    await quiz.write([], [{"count": 3, "tags": ["pool"]}])
    first, second = await quiz.start(school["sam"]), await quiz.start(school["sue"])
    drawn = [[it["id"] for it in attempt["questions"]] for attempt in (first, second)]
    assert [len(set(it)) for it in drawn] == [3, 3]
    assert (await quiz.start(school["sam"]))["questions"] == first["questions"]


async def test_a_gift_file_is_tried_and_then_taken(school: School) -> None:
    """What GIFT has no words for is reported by its line; a dry run stores nothing."""
    tara = school["tara"]
    tried = await tara.post("/bank/gift", {"text": GIFT, "dry_run": True, "tags": ["geo"]})
    assert (tried["added"], len(tried["questions"])) == ([], 2)
    assert [(it["line"], it["title"]) for it in tried["skipped"]] == [(7, "Order"), (9, "Broken")]
    assert (await tara.get("/bank/questions"))["items"] == []
    taken = await tara.post("/bank/gift", {"text": GIFT, "tags": ["geo"]})
    assert len(taken["added"]) == 2
    listed = (await tara.get("/bank/questions?tag=geo"))["items"]
    assert [(it["question"]["title"], sorted(it["tags"])) for it in listed] == [
        ("Italy", ["Capitals", "geo"]),
        ("Truth", ["Capitals", "geo"]),
    ]
    ordering = {"kind": "ordering", "title": "Sort", "items": [{"text": "a"}, {"text": "b"}]}
    await tara.made("/bank/questions", {"question": ordering})
    written = await tara.get("/bank/gift")
    assert ("::Italy::" in written["text"], [it["title"] for it in written["skipped"]]) == (True, ["Sort"])


async def readers(database: Database, file_id: str) -> tuple[str, list[str], str]:
    """What files was told last of who may read a picture: audience, readers, status."""
    told = [it.data for it in await events(database) if ".attachment-" in it.type and it.data["file_id"] == file_id]
    return told[-1]["audience"], told[-1]["reader_ids"], told[-1]["status"]


async def test_pictures_show_to_students_from_the_first_attempt_on(
    school: School, quiz: QuizRoom, database: Database
) -> None:
    """Published or not, nobody but teachers may read a question's picture before anybody may see the question."""
    tara, sam = school["tara"], school["sam"]
    picture = await uploaded(database, tara)
    await quiz.write([truth("Look") | {"file_ids": [picture]}])
    assert await readers(database, picture) == ("teachers", [], "active")
    await tara.patch(quiz.path, {"assigned_to": [sam.id]})
    assert await readers(database, picture) == ("teachers", [], "active")
    await quiz.start(sam)
    assert await readers(database, picture) == ("teachers", [sam.id], "active")
    count = len(await events(database))
    await quiz.start(sam)
    assert len(await events(database)) == count
    await tara.patch(quiz.path, {"assigned_to": None})
    assert await readers(database, picture) == ("members", [], "active")
    stranger = await uploaded(database, school["theo"])
    foreign = await tara.put(
        f"{quiz.path}/questions", {"questions": [truth("Look") | {"file_ids": [stranger]}], "draws": []}
    )
    assert foreign.status == 404


async def test_a_copy_of_a_quiz_has_its_pictures(school: School, quiz: QuizRoom, database: Database) -> None:
    tara = school["tara"]
    picture = await uploaded(database, tara)
    await quiz.write([truth("Look") | {"file_ids": [picture]}, truth("Again") | {"file_ids": [picture]}])
    await quiz.start(school["sam"])
    copy = await tara.made(f"{quiz.path}/copy", {"classroom_id": quiz.room.rsplit("/", 1)[1], "topic_id": None})
    assert await readers(database, picture) == ("teachers", [], "active")
    copied = (await tara.get(f"/assignments/{copy['id']}/questions"))["questions"]
    assert [it["file_ids"] for it in copied] == [[picture], [picture]]
    await tara.delete(quiz.path)
    await tara.patch(f"/assignments/{copy['id']}", {"status": "published"})
    assert await readers(database, picture) == ("teachers", [], "removed")
