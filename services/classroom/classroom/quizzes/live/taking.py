"""The student's side: one socket of one attempt, from `hello` until it ends."""

from functools import partial
from typing import cast
from uuid import UUID, uuid4

from chassis.db import Executor, Row
from chassis.identity import Identity
from chassis.realtime.frames import pack
from chassis.realtime.sockets import Socket, broadcast
from classroom.quizzes.attempts.commands import REFUSALS, misfit, sign
from classroom.quizzes.attempts.models import Signs
from classroom.quizzes.attempts.views import show_attempt
from classroom.quizzes.live import wire
from classroom.quizzes.live.room import Room, document
from classroom.quizzes.live.writer import Verdict

# What one socket may have sent and not yet seen answered.
IN_FLIGHT = 200

TakingSocket = Socket[wire.TakingIn]


async def take(db: Executor, identity: Identity, room: Room, socket: TakingSocket, rules: Row, attempt: Row) -> None:
    """Greet, then save what comes until the socket ends."""
    attempt_id, connection_id = attempt["id"], uuid4()
    try:
        socket.send(wire.Hello(attempt=await show_attempt(db, identity, rules, attempt)))
        room.admit(attempt_id, socket, attempt["progress"])
        room.writer.sign(attempt_id)["connection_id"] = connection_id
        del identity, rules, attempt
        await socket.hear(partial(_take_frame, room, socket, attempt_id))
    finally:
        _leave(room, socket, attempt_id, connection_id)


def _leave(room: Room, socket: TakingSocket, attempt_id: UUID, connection_id: UUID) -> None:
    room.dismiss(attempt_id, socket)
    signs = room.writer.sign(attempt_id)
    if signs.get("connection_id") == connection_id:
        del signs["connection_id"]
    signs["gone_id"] = connection_id


def _take_frame(room: Room, socket: TakingSocket, attempt_id: UUID, frame: wire.TakingIn) -> None:
    match frame:
        case wire.Answer():
            _take_answer(room, socket, attempt_id, frame)
        case wire.At():
            sign(room.writer, attempt_id, Signs(current_question_id=frame.question_id))
        case wire.Flag():
            named = (frame.question_id,)
            sign(room.writer, attempt_id, Signs(flagged=named) if frame.up else Signs(unflagged=named))
        case wire.Focus():
            sign(room.writer, attempt_id, Signs(away=frame.away))


def _take_answer(room: Room, socket: TakingSocket, attempt_id: UUID, frame: wire.Answer) -> None:
    marker = room.writer.marker(frame.question_id)
    if marker is None:
        _refuse(socket, frame, "unknown_question")
    elif not marker.fits(frame.value):
        _refuse(socket, frame, "invalid", misfit(marker))
    elif socket.in_flight >= IN_FLIGHT:
        _refuse(socket, frame, "unavailable")
    else:
        socket.in_flight += 1
        reply = partial(_answered, room, socket, attempt_id, frame)
        room.writer.answer(attempt_id, marker, frame.rev, frame.value, reply)


def _answered(room: Room, socket: TakingSocket, attempt_id: UUID, frame: wire.Answer, verdict: Verdict) -> None:
    """After the commit that decided."""
    socket.in_flight -= 1
    if verdict.outcome != "saved":
        _refuse(socket, frame, cast(wire.RefusalCode, verdict.outcome), newest_rev=verdict.newest_rev)
        return
    socket.write(_saved(frame, verdict))
    windows = room.takers.get(attempt_id, ())
    if len(windows) > 1:
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
    socket: TakingSocket,
    frame: wire.Answer,
    code: wire.RefusalCode,
    detail: str | None = None,
    newest_rev: int | None = None,
) -> None:
    detail = detail or REFUSALS[code]
    refused = wire.Refused(
        question_id=frame.question_id, rev=frame.rev, code=code, detail=detail, newest_rev=newest_rev
    )
    socket.send(refused)
