"""The sockets of a quiz, and what its teachers see and do meanwhile."""

from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound, UpgradeRequired
from chassis.identity import Identity
from chassis.paging import PageQuery, decode_cursor, page_of
from chassis.realtime.sockets import accept
from classroom.access import STAFF
from classroom.quizzes.attempts.commands import submit_all
from classroom.quizzes.attempts.models import Extension, Message, NewMessage, SubmittedBy, Touched
from classroom.quizzes.attempts.routes import STUDENTS
from classroom.quizzes.attempts.views import managed_attempt, unfinished_attempt
from classroom.quizzes.live import wire
from classroom.quizzes.live.hints import hint
from classroom.quizzes.live.keys import LIVE
from classroom.quizzes.live.room import document
from classroom.quizzes.live.taking import take
from classroom.quizzes.live.watching import watch
from classroom.quizzes.rules.views import managed_quiz, reach_quiz

api = Api("classroom", "Classroom")


@api.get(
    "/assignments/{assignment_id}/attempts/me/socket",
    summary="Take a quiz (WebSocket)",
    roles=STUDENTS,
    status=101,
    errors=(Conflict, UpgradeRequired),
)
async def take_quiz(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> web.StreamResponse:
    """For the unfinished attempt. What is said on it: docs/quiz-protocol.md."""
    classroom, _, rules = await reach_quiz(db, identity, assignment_id)
    async with AsyncExitStack() as stay:
        room = await stay.enter_async_context(request.app[LIVE].room(identity.school_id, assignment_id))
        attempt = await unfinished_attempt(db, identity, assignment_id)
        room.start()
        run = partial(take, db, identity, room, rules=rules, attempt=attempt)
        return accept(request, identity, wire.TAKING_IN, run, classroom_id=classroom["id"], during=stay)


@api.get(
    "/assignments/{assignment_id}/monitor",
    summary="Watch a quiz (WebSocket)",
    roles=STAFF,
    status=101,
    errors=(UpgradeRequired,),
)
async def watch_quiz(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> web.StreamResponse:
    """For the quiz's teachers. What is said on it: docs/quiz-protocol.md."""
    classroom, _, _ = await managed_quiz(db, identity, assignment_id, archived=True)
    # An admin watches without being a member of the classroom.
    member_of = classroom["id"] if classroom["teaches"] else None
    async with AsyncExitStack() as stay:
        room = await stay.enter_async_context(request.app[LIVE].room(identity.school_id, assignment_id))
        room.start()
        run = partial(watch, db, identity.school_id, assignment_id, room)
        return accept(request, identity, wire.WATCHING_IN, run, classroom_id=member_of, during=stay)


@api.get(
    "/assignments/{assignment_id}/progress",
    roles=STAFF,
    summary="Read the progress of all students",
    response=wire.Progress,
)
async def read_progress(identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery) -> bytes:
    """What the console shows, without a socket."""
    await managed_quiz(db, identity, assignment_id, archived=True)
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    where = {"id": assignment_id, "school_id": identity.school_id}
    head = await db.row("find_progress", **where)
    assert head is not None
    rows = await db.rows("list_progress", after_id=after, limit=query.limit + 1, **where)
    shown, cursor = page_of(rows, query.limit, "student_id")
    return document(progress=head["progress"], now=head["now"], items=shown, next_cursor=cursor)


async def _act(
    request: web.Request, identity: Identity, db: Executor, query: str, assignment_id: UUID, **values: object
) -> Touched:
    rows = await db.rows(query, id=assignment_id, school_id=identity.school_id, **values)
    hint(request.app, assignment_id)
    return Touched(attempt_ids=[row["id"] for row in rows])


async def _act_on_one(
    request: web.Request, identity: Identity, db: Executor, query: str, attempt_id: UUID, code: str, **values: object
) -> Touched:
    """Raises Conflict when the attempt is not in a state for it."""
    _, _, attempt = await managed_attempt(db, identity, attempt_id)
    touched = await _act(request, identity, db, query, attempt["assignment_id"], attempt_id=attempt_id, **values)
    if not touched.attempt_ids:
        raise Conflict(code, _NOT_SO[code])
    return touched


_NOT_SO = {
    "not_open": "The attempt is not open.",
    "not_paused": "The attempt is not paused.",
    "nothing_to_extend": "The attempt is handed in, or has no deadline.",
}


@api.post("/attempts/{attempt_id}/pause", roles=STAFF, summary="Pause an attempt", errors=(Conflict,))
async def pause(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID) -> Touched:
    """Its clock stops, and no answer is taken."""
    return await _act_on_one(request, identity, db, "pause_attempts", attempt_id, "not_open")


@api.post("/attempts/{attempt_id}/resume", roles=STAFF, summary="Resume an attempt", errors=(Conflict,))
async def resume(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID) -> Touched:
    """With the time that was left."""
    return await _act_on_one(request, identity, db, "resume_attempts", attempt_id, "not_paused")


@api.post("/attempts/{attempt_id}/extend", roles=STAFF, summary="Give an attempt more time", errors=(Conflict,))
async def extend(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID, body: Extension) -> Touched:
    """The deadline moves by so many seconds."""
    return await _act_on_one(
        request, identity, db, "extend_attempts", attempt_id, "nothing_to_extend", seconds=body.seconds
    )


@api.post(
    "/attempts/{attempt_id}/submit-now", roles=STAFF, summary="Hand an attempt in for the student", errors=(Conflict,)
)
async def submit_now(request: web.Request, identity: Identity, db: Executor, attempt_id: UUID) -> Touched:
    """All that was saved is marked; nothing happens to one that is handed in."""
    _, _, attempt = await managed_attempt(db, identity, attempt_id)
    return await _submit(request, identity, db, attempt["assignment_id"], attempt_id)


async def _submit(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, attempt_id: UUID | None
) -> Touched:
    done = await submit_all(db, identity.school_id, assignment_id, attempt_id, SubmittedBy.TEACHER)
    hint(request.app, assignment_id)
    return Touched(attempt_ids=done)


@api.post(
    "/attempts/{attempt_id}/messages", roles=STAFF, status=201, summary="Say something to one", errors=(Conflict,)
)
async def tell_one(
    request: web.Request, identity: Identity, db: Executor, attempt_id: UUID, body: NewMessage
) -> Message:
    """Shown at once, and again whenever the student connects."""
    _, _, attempt = await managed_attempt(db, identity, attempt_id)
    return await _say(request, identity, db, attempt["assignment_id"], attempt_id, body)


async def _say(
    request: web.Request,
    identity: Identity,
    db: Executor,
    assignment_id: UUID,
    attempt_id: UUID | None,
    body: NewMessage,
) -> Message:
    row: Row | None = await db.row(
        "add_quiz_message",
        id=assignment_id,
        school_id=identity.school_id,
        attempt_id=attempt_id,
        actor=identity.account_id,
        body=body.body,
    )
    if row is None:
        raise NotFound("quiz")
    hint(request.app, assignment_id)
    return Message(**row)


@api.post(
    "/assignments/{assignment_id}/messages", roles=STAFF, status=201, summary="Say something to all", errors=(Conflict,)
)
async def tell_all(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: NewMessage
) -> Message:
    """To all who take the quiz now."""
    await managed_quiz(db, identity, assignment_id)
    return await _say(request, identity, db, assignment_id, None, body)


@api.post(
    "/assignments/{assignment_id}/attempts/pause", roles=STAFF, summary="Pause all open attempts", errors=(Conflict,)
)
async def pause_all(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Touched:
    """Their clocks stop."""
    await managed_quiz(db, identity, assignment_id)
    return await _act(request, identity, db, "pause_attempts", assignment_id, attempt_id=None)


@api.post(
    "/assignments/{assignment_id}/attempts/resume",
    roles=STAFF,
    summary="Resume all paused attempts",
    errors=(Conflict,),
)
async def resume_all(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Touched:
    """With the time that each had left."""
    await managed_quiz(db, identity, assignment_id)
    return await _act(request, identity, db, "resume_attempts", assignment_id, attempt_id=None)


@api.post(
    "/assignments/{assignment_id}/attempts/extend", roles=STAFF, summary="Give everybody more time", errors=(Conflict,)
)
async def extend_all(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: Extension
) -> Touched:
    """Every deadline moves, and the closing of the quiz for those who come later."""
    await managed_quiz(db, identity, assignment_id)
    return await _act(request, identity, db, "extend_attempts", assignment_id, attempt_id=None, seconds=body.seconds)


@api.post(
    "/assignments/{assignment_id}/attempts/submit-now",
    roles=STAFF,
    summary="Hand all unfinished attempts in",
    errors=(Conflict,),
)
async def submit_all_now(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Touched:
    """All that was saved is marked."""
    await managed_quiz(db, identity, assignment_id)
    return await _submit(request, identity, db, assignment_id, None)
