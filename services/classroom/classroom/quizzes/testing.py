"""Helpers of the quizzes' tests: questions of every kind, and a classroom that takes a quiz."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
from aiohttp.test_utils import TestClient

from chassis.access import WEBSOCKET_PROTOCOL
from chassis.testing import PATIENCE_SECONDS
from classroom.testing import Actor, Answer

# Words that stand in keys alone: nothing that a student can read may hold one of them.
CANARY = "kanarienvogel"

Document = dict[str, Any]


def ids(count: int) -> list[str]:
    """Ids for options."""
    return [str(uuid4()) for _ in range(count)]


def questions() -> list[Document]:
    """One of each kind, 2 points each; everything secret of them says CANARY."""
    base = {"points": "2", "explanation": f"{CANARY} because", "text": "Think: $x^2$"}
    choices = [
        {"id": option, "text": f"choice {number}", "correct": number in (0, 1), "feedback": CANARY}
        for number, option in enumerate(ids(4))
    ]
    single = [choice | {"correct": number == 0} for number, choice in enumerate(choices)]
    lefts, rights = ids(3), ids(3)
    pairs = [
        {"id": left, "left": f"left {n}", "right_id": right, "right": f"right {n}"}
        for n, (left, right) in enumerate(zip(lefts, rights, strict=True))
    ]
    return [
        base | {"kind": "single_choice", "title": "Single", "choices": single},
        base
        | {"kind": "multiple_choice", "title": "Multiple", "choices": [it | {"id": str(uuid4())} for it in choices]},
        base | {"kind": "true_false", "title": "Truth", "answer": True},
        base | {"kind": "numeric", "title": "Number", "accepted": [{"value": "1234.5678", "tolerance": "0.01"}]},
        base | {"kind": "short_text", "title": "Word", "accepted": [{"text": CANARY}]},
        base | {"kind": "matching", "title": "Match", "pairs": pairs},
        base
        | {
            "kind": "ordering",
            "title": "Order",
            "items": [{"id": it, "text": f"item {n}"} for n, it in enumerate(ids(3))],
        },
        base | {"kind": "essay", "title": "Essay", "guidance": CANARY},
    ]


@dataclass
class QuizRoom:
    """A published quiz of a classroom that `teacher` teaches; its path and its questions with their keys."""

    teacher: Actor
    room: str
    path: str
    questions: list[Document] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The assignment."""
        return self.path.rsplit("/", 1)[1]

    async def rules(self, **patch: Any) -> Answer:
        """Change the rules."""
        answer = await self.teacher.patch(f"{self.path}/quiz", patch)
        assert answer.status == 200, answer.data
        return answer

    async def write(self, documents: list[Document], draws: list[Document] | None = None) -> Answer:
        """Replace the questions."""
        answer = await self.teacher.put(f"{self.path}/questions", {"questions": documents, "draws": draws or []})
        assert answer.status == 200, answer.data
        self.questions = answer["questions"]
        return answer

    async def start(self, student: Actor) -> Answer:
        """Start or go on."""
        answer = await student.post(f"{self.path}/attempts")
        assert answer.status == 200, answer.data
        return answer

    def question(self, kind: str) -> Document:
        """The first question of a kind."""
        return next(it for it in self.questions if it["kind"] == kind)


async def open_quiz(teacher: Actor, students: list[Actor], documents: list[Document] | None = None) -> QuizRoom:
    """A classroom with these students and a published quiz; it has one question of each kind unless told otherwise."""
    room = f"/classrooms/{(await teacher.made('/classrooms', {'title': 'Algebra'}))['id']}"
    for student in students:
        assert (await teacher.post(f"{room}/students", {"account_id": student.id})).status == 204
    body = {"kind": "quiz", "title": "Quiz", "status": "published"}
    quiz = QuizRoom(teacher, room, f"/assignments/{(await teacher.made(f'{room}/assignments', body))['id']}")
    await quiz.write(questions() if documents is None else documents)
    return quiz


class Line:
    """A socket under test: frames by type, in the order they came."""

    def __init__(self, response: aiohttp.ClientWebSocketResponse) -> None:
        self.response = response
        self.frames: list[Document] = []

    async def send(self, **frame: Any) -> None:
        """Send one frame."""
        await self.response.send_str(orjson.dumps(frame).decode())

    async def next(self, *types: str, within: float = PATIENCE_SECONDS) -> Document:
        """The next frame of one of the types; others are kept in `frames`."""
        async with asyncio.timeout(within):
            while True:
                message = await self.response.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, (message.type, self.response.close_code, types)
                frame: Document = orjson.loads(message.data)
                self.frames.append(frame)
                if not types or frame["type"] in types:
                    return frame

    async def closed(self, within: float = PATIENCE_SECONDS) -> int | None:
        """Read until the socket ends; its close code."""
        async with asyncio.timeout(within):
            while (message := await self.response.receive()).type is aiohttp.WSMsgType.TEXT:
                self.frames.append(orjson.loads(message.data))
        return self.response.close_code


@asynccontextmanager
async def connected(actor: Actor, path: str) -> AsyncIterator[Line]:
    """A socket of somebody."""
    protocols = (WEBSOCKET_PROTOCOL, f"bearer.{actor.caller.token}")
    async with actor.client.ws_connect(f"/api/classroom{path}", protocols=protocols) as response:
        yield Line(response)


def at(client: TestClient[Any, Any], actor: Actor) -> Actor:
    """The same person at another replica."""
    return Actor(client, actor.name, actor.caller)
