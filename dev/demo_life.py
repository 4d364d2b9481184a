"""What teacher and students of one demo classroom have done: a lecture held, work handed in, quizzes taken."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dev import demo_quiz
from dev.demo_sheet import sheet
from dev.gateway_client import Api

ROOM = "/api/classroom"
TALK = (
    # who (0 is the teacher, else a student) and what they say
    (0, "Good morning! Today: angles at parallel lines. Who remembers what alternate angles are?"),
    (1, "The ones that make a Z?"),
    (0, "Exactly. And the ones that make an F are corresponding angles."),
    (3, "So both are equal as long as the lines are parallel?"),
    (0, "Yes. Only then. That is also how you test whether two lines are parallel."),
    (2, "Does it work with three parallels too?"),
    (0, "Try it: draw three, and one line across. What do you see?"),
    (5, "All twelve angles are only two different ones!"),
    (0, "Lovely. Write that into your notes."),
    (4, "Can you show the proof for 180° again?"),
    (0, "Next time, and it is in the check-up. Read page 47 until then."),
)
# Once, however often the demo is made.
STARTED = {"Idempotency-Key": "demo-getting-started"}
POLL = ("How sure do you feel about alternate angles?", ("I could explain them", "Nearly", "Not yet"))
NOTE = "# Parallels\n\nZ: alternate angles, F: corresponding angles. Equal **only** if the lines are parallel."


async def live(teacher: Api, students: Sequence[Api], classroom_id: str, topic_id: str | None) -> None:
    """Fill the classroom; `students` are some of its students, signed in."""
    room = Classroom(teacher, students, classroom_id, topic_id)
    await room.finished_topic()
    await room.lecture()
    await room.homework()
    await room.checked_quiz()
    await room.open_quiz()


class Classroom:
    """One classroom and who is in it."""

    def __init__(self, teacher: Api, students: Sequence[Api], classroom_id: str, topic_id: str | None) -> None:
        self.teacher = teacher
        self.students = students
        self.path = f"{ROOM}/classrooms/{classroom_id}"
        self.topic_id = topic_id
        self.chance = random.Random(7)

    async def finished_topic(self) -> None:
        """A topic that most have finished, for a badge each: results that were imported earn none."""
        topic = await self.teacher.send("POST", f"{self.path}/topics", {"title": "Getting started"}, STARTED)
        await self.teacher.send("PUT", f"{self.path}/topics/order", {"topic_ids": [topic["id"]]})
        text = "Write in one sentence what you would like to be able to do by the end of the term."
        work = await self._assignment("classwork", "What I want to learn", text, days=1, topic_id=topic["id"])
        path = f"{ROOM}/assignments/{work['id']}/submissions/me"
        for student in self.students[:8]:
            await student.send("PUT", path, {"body": "I would like to prove that something is true, not only see it."})
            await student.send("POST", f"{path}/turn-in")

    async def lecture(self) -> None:
        """A lecture that was held: its talk, a poll, attendance and a note."""
        work = await self._assignment("lecture", "Angles at parallel lines", "Bring paper and a ruler.", days=0)
        lecture = await self.teacher.send("POST", "/api/lecture-chat/lectures", {"assignment_id": work["id"]})
        path = f"/api/lecture-chat/lectures/{lecture['lecture_id']}"
        people = [self.teacher, *self.students]
        sockets = [await person.socket(f"{path}/socket") for person in people]
        for number, (who, body) in enumerate(TALK):
            await people[who].send("POST", f"{path}/messages", {"client_id": f"demo-{number}", "body": body})
        question, options = POLL
        await sockets[0].send_json(
            {"type": "poll_open", "client_id": "demo-poll", "question": question, "options": options}
        )
        seq = (await _frame(sockets[0], "ack"))["seq"]
        for number, socket in enumerate(sockets[1:]):
            await socket.send_json({"type": "poll_vote", "seq": seq, "option": number % 3 % 2, "ref": "vote"})
            await _frame(socket, "done")
        await self.teacher.send("POST", f"{path}/close")
        for socket in sockets:
            await socket.close()
        note = {"rev": 1, "body": NOTE, "seq": 8}
        await self.students[0].send("PUT", f"{ROOM}/assignments/{work['id']}/notes/me", note)

    async def homework(self) -> None:
        """Handed in by most, with pictures and PDFs; some of it graded, the rest waits in the inbox."""
        text = "Find three triangles around you. Measure their angles, add them up, and hand in a drawing or a photo."
        work = await self._assignment("homework", "Angles around you", text, days=1, points="10")
        path = f"{ROOM}/assignments/{work['id']}"
        handed_in = self.students[:8]
        for number, student in enumerate(handed_in):
            document: dict[str, Any] = {"body": "A window, a slice of pizza and the roof of our house: 180° each time."}
            if number < 4:
                kind, format_ = (("image/jpeg", "JPEG"), ("application/pdf", "PDF"))[number % 2]
                name = f"triangles.{'jpg' if format_ == 'JPEG' else 'pdf'}"
                data = sheet(student.email.split("@")[0].replace(".", " ").title(), format_)
                document["file_ids"] = [await student.upload(name, data, kind)]
            await student.send("PUT", f"{path}/submissions/me", document)
            await student.send("POST", f"{path}/submissions/me/turn-in")
        works = (await self.teacher.get(f"{path}/submissions?limit=50"))["items"]
        graded = [found for found in works if found["submission_id"]][:4]
        for found, score in zip(graded, ("9", "8.5", "6", "10"), strict=False):
            grade = {"score": score, "feedback": "Clear drawing. Next time write the sum below it.", "released": True}
            await self.teacher.send("PUT", f"{ROOM}/submissions/{found['submission_id']}/grade", grade)
        await self._talk_about(path)

    async def _talk_about(self, path: str) -> None:
        asks, answers = "May I use a photo of a bridge?", "A bridge is a fine idea. Mark the triangle in the photo."
        for number, (person, body) in enumerate(((self.students[0], asks), (self.teacher, answers))):
            await person.send("POST", f"{path}/comments", {"body": body}, {"Idempotency-Key": f"demo-comment-{number}"})

    async def checked_quiz(self) -> None:
        """A quiz all have taken, marked and released: there are statistics to read."""
        work = await self._assignment("quiz", "Check-up: angles", "Eight questions, one of them in words.", days=1)
        path = f"{ROOM}/assignments/{work['id']}"
        written = await self._questions(path, {"attempts_allowed": 1, "answers_show": "after_close"})
        for number, student in enumerate(self.students):
            await self._attempt(student, path, written, knows=0.35 + 0.06 * number)
        essay = next(question["id"] for question in written if question["kind"] == "essay")
        waiting = (await self.teacher.get(f"{path}/marking/{essay}?limit=50"))["items"]
        for answered in waiting:
            good = str(answered["value"]).startswith("I draw")
            mark = {"mark": "2" if good else "0.5", "feedback": "" if good else "Measuring shows it, a proof says why."}
            await self.teacher.send("PUT", f"{ROOM}/attempts/{answered['attempt_id']}/marks/{essay}", mark)
        await self.teacher.send("POST", f"{path}/release")

    async def open_quiz(self) -> None:
        """A quiz to take now: three handed in, one in the middle of it, essays to be marked."""
        work = await self._assignment("quiz", "Quiz 3", "As often as you like until Friday; the best counts.", days=6)
        path = f"{ROOM}/assignments/{work['id']}"
        written = await self._questions(
            path, {"time_limit_seconds": 3600, "attempts_allowed": None, "results_show": "when_marked"}
        )
        for student in self.students[1:4]:
            await self._attempt(student, path, written, knows=0.7)
        await self._attempt(self.students[4], path, written[:4], knows=0.8, submit=False)

    async def _questions(self, path: str, rules: dict[str, Any]) -> list[demo_quiz.Question]:
        await self.teacher.send("PATCH", f"{path}/quiz", rules)
        answer = await self.teacher.send("PUT", f"{path}/questions", {"questions": demo_quiz.questions()})
        found: list[demo_quiz.Question] = answer["questions"]
        return found

    async def _attempt(
        self, student: Api, path: str, questions: list[demo_quiz.Question], knows: float, *, submit: bool = True
    ) -> None:
        attempt = f"{ROOM}/attempts/{(await student.send('POST', f'{path}/attempts'))['id']}"
        for question in questions:
            value = demo_quiz.answer(question, self.chance, knows)
            await student.send("PUT", f"{attempt}/answers/{question['id']}", {"value": value, "rev": 1})
        if submit:
            await student.send("POST", f"{attempt}/submit")

    async def _assignment(
        self, kind: str, title: str, description: str, days: int, points: str | None = None, topic_id: str | None = None
    ) -> Any:
        due = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=days)
        document: dict[str, Any] = {"kind": kind, "title": title, "description": description}
        document |= {"due_at": due.isoformat(), "points_possible": points}
        document |= {"topic_id": topic_id or self.topic_id, "status": "published"}
        key = {"Idempotency-Key": f"demo-{title}"}
        return await self.teacher.send("POST", f"{self.path}/assignments", document, key)


async def _frame(socket: Any, kind: str) -> dict[str, Any]:
    """The next frame of a kind."""
    while (frame := await socket.receive_json())["type"] != kind:
        pass
    found: dict[str, Any] = frame
    return found
