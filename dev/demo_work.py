"""What is going on in the demo school now: colours, and work of every kind that is due in the days to come."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dev import demo_life
from dev.gateway_client import Api

COLOURS = {"Mathematics 7a": "#2563a8", "Biology 7a": "#1b7a4b", "History 7b": "#b4491d"}
# Where people have been at work already.
LIVELY = "Mathematics 7a"
# kind, title, description, days until due, points, published
WORK = (
    ("material", "Reading list", "Start with the first two chapters.", None, None, True),
    ("lecture", "Questions and answers", "Bring what you did not understand this week.", 1, None, True),
    ("homework", "Practice sheet", "Show your way, not only the result.", 2, 10, True),
    ("classwork", "In pairs: explain it to each other", "One explains, the other asks.", 3, 5, True),
    ("group", "Poster", "Groups of three. One idea, one picture, three sentences.", 9, 20, True),
    ("quiz", "Final quiz", "Ten questions, twenty minutes.", 20, 20, False),
)


async def give(teacher: Api, students: Mapping[str, Api]) -> None:
    """Colour the teacher's classrooms and give each its work, unless it has it already. `students` by account id."""
    for view in (await teacher.get("/api/classroom/bootstrap"))["classrooms"]:
        classroom = view["classroom"]
        if classroom["colour"] is None and classroom["title"] in COLOURS:
            await fill(teacher, students, classroom, view["topics"])


async def fill(
    teacher: Api, students: Mapping[str, Api], classroom: dict[str, Any], topics: list[dict[str, Any]]
) -> None:
    path = f"/api/classroom/classrooms/{classroom['id']}"
    topic = topics[-1]["id"] if topics else None
    for number, document in enumerate(work(topic)):
        key = {"Idempotency-Key": f"demo-{classroom['id']}-{number}"}
        await teacher.send("POST", f"{path}/assignments", document, key)
    if classroom["title"] == LIVELY:
        enrolled = (await teacher.get(f"{path}/students?limit=50"))["items"]
        present = [students[found["account_id"]] for found in enrolled]
        await demo_life.live(teacher, present, classroom["id"], topic)
    await teacher.send("PATCH", path, {"colour": COLOURS[classroom["title"]]})


def work(topic: str | None) -> Iterator[dict[str, Any]]:
    """The assignments to add; their due times are evenings from now on."""
    evening = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0)
    for kind, title, description, days, points, published in WORK:
        document: dict[str, Any] = {"kind": kind, "title": title, "description": description, "topic_id": topic}
        document |= {"status": "published" if published else "draft", "points_possible": points}
        yield document | ({"due_at": (evening + timedelta(days=days)).isoformat()} if days else {})
