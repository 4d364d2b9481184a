"""The gradebook: cells, totals, policies, overrides, exports, and totals that explain themselves."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from chassis.contracts import check_event
from chassis.db import Database
from chassis.inbox import apply
from chassis.outbox import unsent_events
from chassis.testing import Issuer
from grading.consumers import HANDLERS
from grading.domain import rounded
from grading.testing import School, new_id
from grading.testing_gradebook import Client, Room, room_of


@pytest.fixture
async def room(client: Client, database: Database, school: School, issuer: Issuer) -> Room:
    return await room_of(client, database, school, issuer)


def states(student: dict[str, Any]) -> list[str]:
    return [cell["state"] for cell in student["cells"]]


async def test_a_gradebook_without_a_policy_is_the_plain_mean(room: Room) -> None:
    page = await room.ask(room.teacher, f"{room.path}/gradebook")
    titles = [column["title"] for column in page["assignments"]]
    assert (page["policy_version"], page["students"], titles[-1]) == (0, 3, "Quiz 2")
    assert page["groups"] == [{"key": "all", "title": "All work", "weight": "1", "drop_lowest": 0, "drop_highest": 0}]
    ada, bob, cleo = (student for student in sorted(page["items"], key=lambda one: one["name"].strip("=")))
    assert (ada["total"]["current"], ada["total"]["total"], ada["total"]["letter"]) == ("80", "80", None)
    assert ada["total"]["final"] == "60", "three results, and the late work that is missing"
    assert sorted(states(bob)) == ["excused", "graded", "graded", "missing", "missing"]
    assert (cleo["total"]["current"], cleo["total"]["final"]) == (None, "0")
    assert sorted(states(cleo)) == ["missing", "missing", "missing", "not_assigned", "open"]


async def test_weights_drops_lateness_missing_and_letters(room: Room) -> None:
    stored = await room.policy(
        {
            "weighting": "kinds",
            "groups": [
                {"key": "quiz", "weight": "3", "drop_lowest": 1},
                {"key": "homework", "weight": "1"},
            ],
            "late": {"deduction": "10", "interval": "day", "floor": "20"},
            "missing": "0",
            "letters": [{"letter": "A", "at_least": "75"}, {"letter": "B", "at_least": "0"}],
        }
    )
    assert (stored["version"], stored["changed_by_name"]) == (1, "Tess")
    book = await room.book()
    # Ada: quizzes 90 (70 is dropped), homework (80 + 0) / 2.
    assert (book["Ada"]["total"]["current"], book["Ada"]["total"]["letter"]) == ("77.5", "A")
    assert [cell["dropped"] for cell in book["Ada"]["cells"]].count("lowest") == 1
    # Bob: quiz 50, homework (0 + 55) / 2: the later work is worth 60 - 10, so the first is kept.
    assert (book["Bob"]["total"]["current"], book["Bob"]["total"]["letter"]) == ("44.375", "B")
    (late,) = [cell for cell in book["Bob"]["cells"] if cell["late"]]
    assert (late["score"], late["percent"], late["counted"]) == ("60", "60", "55")
    assert book["=Cleo"]["total"]["current"] == "0"


async def test_groups_are_topics_too(room: Room) -> None:
    groups = [{"key": str(room.topic_id), "weight": "1"}, {"key": "none", "weight": "1"}]
    await room.policy({"weighting": "topics", "groups": groups, "combine": "points"})
    page = await room.ask(room.teacher, f"{room.path}/gradebook")
    assert [group["title"] for group in page["groups"]] == ["Motion", "No topic"]
    (ada,) = [student for student in page["items"] if student["name"] == "Ada"]
    # Motion 90; without a topic 70 of 100 and 4 of 5: 74 of 105.
    assert Decimal(ada["total"]["current"]) == rounded((Decimal(90) + Decimal(7400) / 105) / 2)
    wrong = {"weighting": "topics", "groups": [{"key": str(new_id())}]}
    answer = await room.ask(room.teacher, f"{room.path}/policy/preview", "POST", 422, json=wrong)
    assert answer["errors"][0]["field"] == "body.groups.0.key"


async def test_a_preview_is_what_saving_does(room: Room) -> None:
    policy = {"missing": "0", "letters": [{"letter": "P", "at_least": "50"}]}
    shown = await room.ask(room.teacher, f"{room.path}/policy/preview", "POST", json=policy)
    before = await room.book()
    await room.policy(policy)
    after = await room.book()
    assert shown["changed"] == 3
    for student in shown["items"]:
        for side, book in (("before", before), ("after", after)):
            total = book[student["name"]]["total"]
            assert student[side] == {name: total[name] for name in ("current", "final", "letter")}
    deltas = {student["name"]: student["delta"] for student in shown["items"]}
    assert deltas == {"Ada": "-20", "Bob": "-27.5", "=Cleo": None}


async def test_a_stale_policy_changes_nothing_and_history_is_kept(room: Room) -> None:
    first = await room.policy({"missing": "0"})
    await room.policy({"missing": "10"})
    path = f"{room.path}/policy"
    refused = await room.ask(
        room.teacher, path, "PUT", 412, json={"missing": "20"}, headers={"If-Match": first["etag"]}
    )
    assert (refused["current"]["policy"]["missing"], refused["yours"]["missing"]) == ("10", "20")
    await room.ask(room.teacher, path, "PUT", 412, json={})
    history = await room.ask(room.teacher, f"{path}/history?limit=1")
    older = await room.ask(room.teacher, f"{path}/history?cursor={history['next_cursor']}")
    assert [item["policy"]["missing"] for item in (*history["items"], *older["items"])] == ["10", "0"]
    events = await unsent_events(room.database, "grading")
    assert [event.sequence for event in events] == [1, 2]
    for event in events:
        check_event(event)


async def test_an_override_stands_until_it_is_taken_back(room: Room) -> None:
    path = f"{room.path}/students/{room.ada.account_id}/override"
    assert (await room.ask(room.teacher, path))["version"] == 0
    stored = await room.ask(room.teacher, path, "PUT", json={"percent": "95", "reason": "Was ill"})
    total = (await room.book())["Ada"]["total"]
    assert (total["total"], total["current"], total["overridden"], total["reason"]) == ("95", "80", True, "Was ill")
    own = (await room.ask(room.ada, f"/me{room.path}"))["total"]
    assert own == {name: value for name, value in total.items() if name != "reason"}
    await room.ask(room.teacher, path, "PUT", 412, json={"percent": "1", "reason": "Again"})
    await room.ask(room.teacher, path, "PUT", 422, json={"percent": "1", "reason": " "})
    back = {"percent": None, "reason": "Back"}
    last = await room.ask(room.teacher, path, "PUT", json=back, headers={"If-Match": stored["etag"]})
    assert [edition["reason"] for edition in last["history"]] == ["Back", "Was ill"]
    assert (await room.book())["Ada"]["total"]["total"] == "80"


async def test_an_archived_classroom_keeps_its_totals(room: Room) -> None:
    archived = room.school.classroom(room.classroom_id, status="archived", version=2)
    await apply(room.database, HANDLERS, [archived])
    override = f"{room.path}/students/{room.bob}/override"
    await room.ask(room.teacher, f"{room.path}/policy", "PUT", 409, json={})
    await room.ask(room.teacher, override, "PUT", 409, json={"percent": "1", "reason": "No"})
    await room.ask(room.teacher, f"{room.path}/gradebook")


# --- Explanations --------------------------------------------------------------------------------------


def recomputed(explained: dict[str, Any]) -> Decimal | None:
    """The total from nothing but what the explanation says."""
    groups = []
    for group in explained["groups"]:
        kept = [item for item in group["items"] if item["dropped"] is None]
        percent = weighted([(item["percent"], item["points"]) for item in kept])
        assert percent == (group["percent"] and Decimal(group["percent"]))
        if percent is not None:
            groups.append((percent, group["weight"]))
    return weighted(groups)


def weighted(parts: list[tuple[Any, Any]]) -> Decimal | None:
    weight = sum((Decimal(weight) for _, weight in parts), Decimal(0))
    return rounded(sum((Decimal(value) * Decimal(of) for value, of in parts), Decimal(0)) / weight) if weight else None


async def test_every_total_explains_itself(room: Room) -> None:
    groups = [{"key": "quiz", "weight": "2.5", "drop_lowest": 1}, {"key": "homework", "weight": "1"}]
    late = {"deduction": "7", "interval": "hour", "floor": "30"}
    await room.policy({"weighting": "kinds", "groups": groups, "combine": "points", "late": late, "missing": "15"})
    for student_id in (room.ada.account_id, room.bob, room.cleo):
        shown = await room.ask(room.teacher, f"{room.path}/students/{student_id}/explain")
        for name in ("current", "final"):
            assert recomputed(shown[name]) == (shown["total"][name] and Decimal(shown["total"][name]))
        works = {work["assignment_id"]: work for work in shown["works"]}
        for work in works.values():
            for tried in work["submissions"]:
                assert Decimal(tried["percent"]) - Decimal(tried["deduction"]) == Decimal(tried["counted"])
            if work["submissions"]:
                assert Decimal(work["counted"]) == max(Decimal(one["counted"]) for one in work["submissions"])
        for item in [item for group in shown["current"]["groups"] for item in group["items"]]:
            assert item["percent"] == works[item["assignment_id"]]["counted"] or item["percent"] == "15"
    own = await room.ask(room.ada, f"/me{room.path}/explain")
    assert str(room.works["Ours"]) not in {work["assignment_id"] for work in own["works"]}
    assert (await room.ask(room.ada, f"/me{room.path}"))["total"] == own["total"]


# --- Exports -------------------------------------------------------------------------------------------


async def export(room: Room, ending: str) -> bytes:
    path = f"/api/grading{room.path}/gradebook.{ending}"
    async with room.client.get(path, headers=room.teacher.headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].endswith(f'.{ending}"')
        return await answer.read()


def from_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def from_xlsx(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return rows


@pytest.mark.parametrize(("ending", "read"), [("csv", from_csv), ("xlsx", from_xlsx)])
async def test_exports(room: Room, ending: str, read: Callable[[bytes], list[list[str]]]) -> None:
    heading, *rows = read(await export(room, ending))
    assert heading[:2] == ["student_id", "name"]
    assert heading[-4:] == ["current", "final", "total", "letter"]
    apostrophe = "'" if ending == "csv" else ""
    by_title = {title.split(" [")[0]: place for place, title in enumerate(heading)}
    students = {row[1]: row for row in rows}
    assert set(students) == {"Ada", "Bob", f"{apostrophe}=Cleo"}
    assert students["Ada"][by_title[f"{apostrophe}+Essay"]] == "4"
    assert students["Bob"][by_title["Quiz 2"]] == "EX"
    assert f"[{room.works['Quiz 2']}]" in heading[by_title["Quiz 2"]]


async def test_a_gradebook_is_paged_and_exported_whole(room: Room) -> None:
    school = room.school
    many = [new_id() for _ in range(230)]
    await apply(room.database, HANDLERS, [school.account(one, f"S{place:03}") for place, one in enumerate(many)])
    await apply(room.database, HANDLERS, [school.enrolment(new_id(), room.classroom_id, one) for one in many])
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await room.ask(room.teacher, f"{room.path}/gradebook?limit=100{cursor and f'&cursor={cursor}'}")
        names += [student["name"] for student in page["items"]]
        cursor = page["next_cursor"]
    assert len(names) == len(set(names)) == 233
    assert len(from_csv(await export(room, "csv"))) == 234
    found = await room.ask(room.teacher, f"{room.path}/gradebook?search=s22")
    assert len(found["items"]) == 10


async def test_an_empty_classroom_has_an_empty_gradebook(room: Room) -> None:
    empty = new_id()
    teaches = room.school.teacher(new_id(), empty, room.teacher.account_id)
    await apply(room.database, HANDLERS, [room.school.classroom(empty), teaches])
    page = await room.ask(room.teacher, f"/classrooms/{empty}/gradebook")
    assert (page["items"], page["assignments"], page["next_cursor"]) == ([], [], None)
    async with room.client.get(
        f"/api/grading/classrooms/{empty}/gradebook.csv", headers=room.teacher.headers
    ) as answer:
        assert from_csv(await answer.read()) == [["student_id", "name", "current", "final", "total", "letter"]]
