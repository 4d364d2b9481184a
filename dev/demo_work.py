"""What is going on in the demo school now: colours, and work of every kind that is due in the days to come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dev.gateway_client import Api

COLOURS = {"Mathematics 7a": "#2563a8", "Biology 7a": "#1b7a4b", "History 7b": "#b4491d"}
# kind, title, description, days until due, points, published
WORK = (
    ("material", "Reading list", "Start with the first two chapters.", None, None, True),
    ("lecture", "Questions and answers", "Bring what you did not understand this week.", 1, None, True),
    ("homework", "Practice sheet", "Show your way, not only the result.", 2, 10, True),
    ("classwork", "In pairs: explain it to each other", "One explains, the other asks.", 3, 5, True),
    ("group", "Poster", "Groups of three. One idea, one picture, three sentences.", 9, 20, True),
    ("quiz", "Quiz 3", "Ten questions, twenty minutes.", 6, 20, False),
)


async def give(teacher: Api) -> None:
    """Colour the teacher's classrooms and give each its work, unless it has it already."""
    async with teacher as api:
        await api.login()
        for view in (await api.get("/api/classroom/bootstrap"))["classrooms"]:
            classroom = view["classroom"]
            if classroom["colour"] is None and classroom["title"] in COLOURS:
                await fill(api, classroom, view["topics"])


async def fill(api: Api, classroom: dict[str, Any], topics: list[dict[str, Any]]) -> None:
    path = f"/api/classroom/classrooms/{classroom['id']}"
    topic = topics[-1]["id"] if topics else None
    for number, document in enumerate(work(topic)):
        key = {"Idempotency-Key": f"demo-{classroom['id']}-{number}"}
        await post(api, "POST", f"{path}/assignments", document, key)
    await post(api, "PATCH", path, {"colour": COLOURS[classroom["title"]]}, {})


def work(topic: str | None) -> Iterator[dict[str, Any]]:
    """The assignments to add; their due times are evenings from now on."""
    evening = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0)
    for kind, title, description, days, points, published in WORK:
        document: dict[str, Any] = {"kind": kind, "title": title, "description": description, "topic_id": topic}
        document |= {"status": "published" if published else "draft", "points_possible": points}
        yield document | ({"due_at": (evening + timedelta(days=days)).isoformat()} if days else {})


async def post(api: Api, method: str, path: str, document: dict[str, Any], headers: dict[str, str]) -> None:
    await api.call(method, path, lambda: orjson.dumps(document), {"Content-Type": "application/json"} | headers)
