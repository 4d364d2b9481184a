"""The student's side: one socket of one attempt, from `hello` until it ends."""

from functools import partial
from typing import cast
from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import Invalid, NotFound
from chassis.identity import Identity
from chassis.realtime.codes import Close
from chassis.realtime.frames import pack
from chassis.realtime.sockets import Socket, broadcast
from classroom.quizzes.attempts.commands import REFUSALS, check_answer, sign
from classroom.quizzes.attempts.models import Signs
from classroom.quizzes.attempts.views import reach_attempt, show_attempt
from classroom.quizzes.live import wire
from classroom.quizzes.live.room import Room, document
from classroom.quizzes.live.writer import Verdict

# What one socket may have sent and not yet seen answered.
IN_FLIGHT = 200

TakingSocket = Socket[wire.TakingIn]


async def take(
    db: Executor, identity: Identity, room: Room, socket: TakingSocket, attempt: Row, connection_id: UUID
) -> None:
    """Greet, then save what comes until the socket ends."""
    attempt_id: UUID = attempt["id"]
    attempt = {"id": attempt_id, "question_ids": frozenset(attempt["question_ids"])}
    try:
        if not await _greet(db, identity, room, socket, attempt_id):
            socket.close(Close.ENDED)
            return
        room.writer.sign(attempt_id)["connection_id"] = connection_id
        async for frame in socket:
            _take_frame(room, socket, attempt, frame)
    finally:
        _leave(room, socket, attempt_id, connection_id)


async def _greet(db: Executor, identity: Identity, room: Room, socket: TakingSocket, attempt_id: UUID) -> bool:
    """Send the whole attempt, as of a moment that the room has not passed; False when it is handed in meanwhile."""
    while True:
        _, _, rules, row = await reach_attempt(db, identity, attempt_id)
        shown = await show_attempt(db, identity, rules, row)
        if room.is_current(row["progress"]):
            room.takers[attempt_id].add(socket)
            socket.send(wire.Hello(attempt=shown))
            return bool(row["status"] != "submitted")


def _leave(room: Room, socket: TakingSocket, attempt_id: UUID, connection_id: UUID) -> None:
    room.takers[attempt_id].discard(socket)
    if not room.takers[attempt_id]:
        del room.takers[attempt_id]
    signs = room.writer.sign(attempt_id)
    if signs.get("connection_id") == connection_id:
        del signs["connection_id"]
    signs["gone_id"] = connection_id


def _take_frame(room: Room, socket: TakingSocket, attempt: Row, frame: wire.TakingIn) -> None:
    match frame:
        case wire.Answer():
            _take_answer(room, socket, attempt, frame)
        case wire.At():
            sign(room.writer, attempt["id"], Signs(current_question_id=frame.question_id))
        case wire.Flag():
            named = (frame.question_id,)
            sign(room.writer, attempt["id"], Signs(flagged=named) if frame.up else Signs(unflagged=named))
        case wire.Focus():
            sign(room.writer, attempt["id"], Signs(away=frame.away))


def _take_answer(room: Room, socket: TakingSocket, attempt: Row, frame: wire.Answer) -> None:
    try:
        check_answer(room.writer, attempt, frame.question_id, frame.value)
    except NotFound:
        _refuse(socket, frame, "unknown_question", REFUSALS["unknown_question"])
        return
    except Invalid as error:
        _refuse(socket, frame, "invalid", error.detail)
        return
    if socket.in_flight >= IN_FLIGHT:
        _refuse(socket, frame, "unavailable", REFUSALS["unavailable"])
        return
    marker = room.writer.marker(frame.question_id)
    assert marker is not None
    socket.in_flight += 1
    reply = partial(_answered, room, socket, attempt["id"], frame)
    room.writer.answer(attempt["id"], marker, frame.rev, frame.value, reply)


def _answered(room: Room, socket: TakingSocket, attempt_id: UUID, frame: wire.Answer, verdict: Verdict) -> None:
    """After the commit that decided."""
    socket.in_flight -= 1
    if verdict.outcome != "saved" or verdict.saved_at is None:
        _refuse(socket, frame, cast(wire.RefusalCode, verdict.outcome), REFUSALS[verdict.outcome], verdict.newest_rev)
        return
    socket.write(_saved(frame, verdict))
    if len(windows := room.takers.get(attempt_id, ())) > 1:
        others = [it for it in windows if it is not socket]
        elsewhere = wire.Elsewhere(question_id=frame.question_id, value=frame.value, rev=frame.rev, hash=verdict.hash)
        broadcast(others, pack(elsewhere))


def _saved(frame: wire.Answer, verdict: Verdict) -> bytes:
    """`wire.Saved`, written by hand: it is sent thousands of times a second."""
    return pack(
        document(
            type="saved",
            question_id=frame.question_id,
            rev=frame.rev,
            hash=verdict.hash,
            saved_at=verdict.saved_at,
        )
    )


def _refuse(
    socket: TakingSocket, frame: wire.Answer, code: wire.RefusalCode, detail: str, newest_rev: int | None = None
) -> None:
    socket.send(
        wire.Refused(question_id=frame.question_id, rev=frame.rev, code=code, detail=detail, newest_rev=newest_rev)
    )
