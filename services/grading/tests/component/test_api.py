"""Every endpoint: figures, roles, and that a foreign id is as good as none."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from openapi_spec_validator import validate

from chassis.db import Database
from chassis.errors import NotFound
from chassis.identity import Identity, Role
from chassis.inbox import apply
from chassis.keys import WAITS
from chassis.testing import PATIENCE_SECONDS, Caller, Issuer, somebody_waits
from grading import views
from grading.consumers import HANDLERS
from grading.testing import Given, School, new_id
from grading.testing_world import World, world_of

Client = TestClient[Any, Any]


@pytest.fixture
async def world(school: School, database: Database, issuer: Issuer) -> World:
    return await world_of(school, database, issuer)


@pytest.fixture
def http(client: Client) -> Client:
    """The service, waiting but a moment for what is not there."""
    assert client.app is not None
    client.app[WAITS].seconds = 0.05
    return client


async def get(http: Client, caller: Caller, path: str) -> Any:
    answer = await http.get(f"/api/grading{path}", headers=caller.headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def status(http: Client, caller: Caller, path: str) -> int:
    return (await http.get(f"/api/grading{path}", headers=caller.headers)).status


# --- Figures -------------------------------------------------------------------------------------------


async def test_the_admin_reads_every_teacher(http: Client, world: World) -> None:
    page = await get(http, world.admin, "/teachers")
    assert [(item["name"], item["results"], item["quiz_average"]) for item in page["items"]] == [
        ("Abel", 1, "20"),
        ("Tess", 6, "75"),
    ]
    assert page["next_cursor"] is None
    assert page["items"][1]["classrooms"] == [
        {
            "classroom_id": str(world.classroom),
            "title": "Physics",
            "students": 6,
            "quizzes": 1,
            "results": 6,
            "quiz_average": "75",
            "participation": "100",
        }
    ]
    assert page["items"][1]["trend"] == [{"month": "2026-10", "results": 6, "quiz_average": "75"}]
    assert (page["items"][0]["students"], page["items"][0]["participation"]) == (1, "100")
    filters = await get(http, world.admin, "/filters")
    assert filters == {"terms": ["Autumn", "Spring"], "subjects": ["Art", "Physics"]}


async def test_teachers_are_filtered_and_paged(http: Client, world: World) -> None:
    for query in ("term=Autumn", "subject=Physics", "term=Autumn&subject=Physics"):
        page = await get(http, world.admin, f"/teachers?{query}")
        assert [item["name"] for item in page["items"]] == ["Tess"]
    assert (await get(http, world.admin, "/teachers?term=Autumn&subject=Art"))["items"] == []
    first = await get(http, world.admin, "/teachers?limit=1")
    second = await get(http, world.admin, f"/teachers?limit=1&cursor={first['next_cursor']}")
    assert [first["items"][0]["name"], second["items"][0]["name"]] == ["Abel", "Tess"]
    assert second["next_cursor"] is None
    assert await status(http, world.admin, "/teachers?cursor=nonsense") == 422


async def test_a_school_counts_every_teacher_and_not_a_page(http: Client, world: World, database: Database) -> None:
    before = await get(http, world.admin, "/school")
    # As many as two of the largest pages hold; of other schools and of other roles nobody counts.
    idle = [world.school.account(new_id(), f"Idle {number}", "teacher") for number in range(400)]
    others = [School().account(new_id(), "Foreign", "teacher"), world.school.account(new_id(), "Student")]
    await apply(database, HANDLERS, [*idle, *others])
    shown = await get(http, world.admin, "/school")
    assert (shown["teachers"], shown["idle_teachers"]) == (before["teachers"] + 400, before["idle_teachers"] + 400)
    assert [teacher["name"] for teacher in shown["busiest"]][:2] == ["Tess", "Abel"], "most results first"
    listed = {
        teacher["name"]: teacher for teacher in (await get(http, world.admin, "/teachers?subject=Physics"))["items"]
    }
    assert shown["busiest"][0] == listed["Tess"]


async def test_one_teacher_in_detail(http: Client, world: World) -> None:
    shown = await get(http, world.admin, f"/teachers/{world.other_teacher.account_id}")
    assert (shown["quiz_average"], shown["participation"]) == ("20", "100")
    assert shown["trend"] == [{"month": "2026-11", "results": 1, "quiz_average": "20"}]
    assert shown["classrooms"][0]["quizzes"] == 1


async def test_a_classroom(http: Client, world: World) -> None:
    for caller in (world.teacher, world.admin):
        shown = await get(http, caller, f"/classrooms/{world.classroom}")
        assert (shown["students"], shown["results"], shown["quiz_average"]) == (6, 6, "75")
        assert (shown["all_results"], shown["average"], shown["participation"]) == (7, "75", "100")
        assert shown["term"] == {"title": "Autumn", "starts_on": "2026-09-01", "ends_on": "2026-12-20"}
        assert shown["distribution"] == {
            "mean": "75",
            "lowest": "50",
            "lower_quartile": "62.5",
            "median": "75",
            "upper_quartile": "87.5",
            "highest": "100",
            "histogram": [0, 0, 0, 0, 0, 1, 1, 1, 1, 2],
        }
        assert shown["trend"] == [{"month": "2026-10", "results": 6, "quiz_average": "75"}]
        assert [(topic["title"], topic["results"], topic["all_results"]) for topic in shown["topics"]] == [
            ("Motion", 6, 6),
            (None, 0, 1),
        ]
        assert [(quiz["title"], quiz["average"], quiz["median"]) for quiz in shown["quizzes"]] == [
            ("Quiz 1", "75", "75")
        ]


async def test_students_are_listed_searched_and_paged(http: Client, world: World) -> None:
    path = f"/classrooms/{world.classroom}/students"
    page = await get(http, world.teacher, path)
    assert [item["name"] for item in page["items"]] == ["Ada", "Bob", "Cleo", "Dan_%", "Eve", "Fay"]
    ada = page["items"][0]
    assert (ada["results"], ada["quiz_average"], ada["all_results"], ada["average"]) == (1, "100", 2, "87.5")
    found = await get(http, world.teacher, f"{path}?search=E")
    assert [item["name"] for item in found["items"]] == ["Cleo", "Eve"]
    for wildcard in ("%25", "_"):
        found = await get(http, world.teacher, f"{path}?search={wildcard}")
        assert [item["name"] for item in found["items"]] == ["Dan_%"]
    first = await get(http, world.teacher, f"{path}?limit=4")
    rest = await get(http, world.teacher, f"{path}?limit=4&cursor={first['next_cursor']}")
    assert [item["name"] for item in (*first["items"], *rest["items"])] == [item["name"] for item in page["items"]]
    assert rest["next_cursor"] is None


async def test_one_student_and_one_topic(http: Client, world: World) -> None:
    shown = await get(http, world.teacher, f"/classrooms/{world.classroom}/students/{world.students[0]}")
    assert (shown["name"], shown["quiz_average"], shown["average"]) == ("Ada", "100", "87.5")
    assert [(topic["title"], topic["average"]) for topic in shown["topics"]] == [("Motion", "100"), (None, "75")]
    assert [(one["title"], one["score"], one["max_score"], one["percent"]) for one in shown["assignments"]] == [
        ("Quiz 1", "100", "100", "100"),
        ("Reading", "3", "4", "75"),
    ]
    page = await get(http, world.teacher, f"/classrooms/{world.classroom}/topics/{world.topic}/students")
    assert [(item["all_results"], item["average"]) for item in page["items"][:2]] == [(1, "100"), (1, "90")]


async def test_a_student_reads_their_own(http: Client, world: World) -> None:
    shown = await get(http, world.student, f"/me/classrooms/{world.classroom}")
    assert (shown["quiz_average"], shown["average"]) == ("100", "87.5")
    assert shown["class_averages"] == {"quiz_average": "75", "average": "75"}
    assert shown["trend"] == [{"month": "2026-10", "results": 1, "quiz_average": "100"}]
    topic = await get(http, world.student, f"/me/topics/{world.topic}")
    assert (topic["quiz_average"], topic["class_averages"]["quiz_average"]) == ("100", "75")
    quiz = await get(http, world.student, f"/me/quizzes/{world.quiz}")
    assert (quiz["score"], quiz["percent"], quiz["class_average"]) == ("100", "100", "75")


async def test_the_results_of_a_few_are_in_no_class_average(http: Client, world: World, database: Database) -> None:
    homework = [Given(world.students[0], "1", 2, max_score="4")]
    await apply(database, HANDLERS, [world.school.grades(world.homework, world.classroom, homework, changed=True)])
    shown = await get(http, world.student, f"/me/classrooms/{world.classroom}")
    assert shown["class_averages"]["average"] == "75", "7 means less 6 quizzes would tell the homework"
    withdrawn = [Given(student, None, 2) for student in world.students[:2]]
    await apply(database, HANDLERS, [world.school.grades(world.quiz, world.classroom, withdrawn, changed=True)])
    shown = await get(http, world.student, f"/me/classrooms/{world.classroom}")
    assert shown["class_averages"] == {"quiz_average": None, "average": None}
    quiz = await get(http, world.student, f"/me/quizzes/{world.quiz}")
    assert (quiz["score"], quiz["percent"], quiz["class_average"]) == (None, None, None)


# --- Who may -------------------------------------------------------------------------------------------


async def test_roles(http: Client, world: World) -> None:
    for path in ("/teachers", f"/teachers/{world.teacher.account_id}"):
        assert [await status(http, caller, path) for caller in (world.teacher, world.student)] == [403, 403]
    inside = f"/classrooms/{world.classroom}"
    student, topic = f"{inside}/students/{world.students[0]}", f"{inside}/topics/{world.topic}/students"
    for path in (inside, f"{inside}/students", student, topic):
        assert await status(http, world.student, path) == 403
    for path in (f"/me/classrooms/{world.classroom}", f"/me/topics/{world.topic}", f"/me/quizzes/{world.quiz}"):
        assert [await status(http, caller, path) for caller in (world.teacher, world.admin)] == [403, 403]
    assert (await http.get("/api/grading/teachers")).status == 401


async def test_what_is_not_mine_does_not_exist(http: Client, world: World) -> None:
    none, foreign = new_id(), world.stranger
    mine, theirs = f"/classrooms/{world.classroom}", f"/classrooms/{world.other_classroom}"
    refused = [
        (foreign, f"/teachers/{world.teacher.account_id}"),
        (world.admin, f"/teachers/{world.students[0]}"),
        (world.admin, f"/teachers/{none}"),
        (foreign, mine),
        (world.teacher, theirs),
        (world.teacher, f"/classrooms/{none}"),
        (world.teacher, "/classrooms/nonsense"),
        (world.teacher, f"{theirs}/students"),
        (foreign, f"{mine}/students"),
        (world.teacher, f"{theirs}/students/{world.students[1]}"),
        (world.teacher, f"{mine}/students/{none}"),
        (world.other_teacher, f"{theirs}/students/{world.students[0]}"),
        (world.teacher, f"{mine}/topics/{world.other_topic}/students"),
        (world.teacher, f"{theirs}/topics/{world.other_topic}/students"),
        (world.student, f"/me/classrooms/{world.other_classroom}"),
        (world.student, f"/me/topics/{world.other_topic}"),
        (world.student, f"/me/quizzes/{world.other_quiz}"),
        (world.student, f"/me/quizzes/{world.homework}"),
        (world.student, f"/me/quizzes/{none}"),
    ]
    assert [pair[1] for pair in refused if await status(http, *pair) != 404] == []
    foreign_answer = await http.get(f"/api/grading{mine}", headers=foreign.headers)
    unknown_answer = await http.get(f"/api/grading/classrooms/{none}", headers=foreign.headers)
    bodies = [await answer.json() for answer in (foreign_answer, unknown_answer)]
    assert [body | {"request_id": ""} for body in bodies] == [bodies[0] | {"request_id": ""}] * 2


async def test_removal_takes_everything_away(http: Client, world: World, database: Database, school: School) -> None:
    gone = school.enrolment(new_id(), world.classroom, world.students[0], status="removed", version=2)
    over = school.teacher(new_id(), world.classroom, world.teacher.account_id, status="removed", version=2)
    await apply(database, HANDLERS, [gone, over])
    for path in (f"/me/classrooms/{world.classroom}", f"/me/topics/{world.topic}", f"/me/quizzes/{world.quiz}"):
        assert await status(http, world.student, path) == 404
    assert await status(http, world.teacher, f"/classrooms/{world.classroom}") == 404
    assert await status(http, world.admin, f"/classrooms/{world.classroom}/students/{world.students[0]}") == 404
    await apply(database, HANDLERS, [school.classroom(world.classroom, status="deleted", version=2)])
    assert await status(http, world.admin, f"/classrooms/{world.classroom}") == 404
    (_, tess) = (await get(http, world.admin, "/teachers"))["items"]
    assert tess["classrooms"] == []


async def test_a_quiz_that_goes_while_it_is_read_is_gone(world: World, database: Database, school: School) -> None:
    student = world.student
    identity = Identity(student.account_id, student.school_id, student.session_id, Role.STUDENT, 0)
    found = await views.find_own(database, "own_quiz", identity, assignment_id=world.quiz)
    assert found is not None
    await apply(database, HANDLERS, [school.assignment(world.quiz, world.classroom, status="deleted", version=2)])
    with pytest.raises(NotFound):
        await views.own_quiz(database, student.account_id, found)


async def test_what_arrives_in_a_moment_is_waited_for(client: Client, world: World, database: Database) -> None:
    assert client.app is not None
    client.app[WAITS].seconds = PATIENCE_SECONDS
    late = new_id()
    asked = asyncio.create_task(get(client, world.admin, f"/classrooms/{late}"))
    await somebody_waits(client.app[WAITS])
    await apply(database, HANDLERS, [world.school.classroom(late, "Late")])
    assert (await asked)["title"] == "Late"


async def test_the_document_is_openapi_3_1(http: Client) -> None:
    document = await (await http.get("/api/grading/openapi.json")).json()
    validate(document)
    assert document["paths"].keys() >= {"/teachers", "/classrooms/{classroom_id}/gradebook"}
    assert (await http.get("/healthz")).status == 200
    assert (await (await http.get("/readyz")).json())["database"] == "ok"
    assert "homeroom_request_seconds" in await (await http.get("/metrics")).text()
