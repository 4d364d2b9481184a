"""The socket of a lecture."""

from functools import partial
from uuid import UUID

import uuid_utils.compat as uuid_utils
from aiohttp import web
from pydantic import Field

from chassis.api import Api
from chassis.db import Executor, Row, utc_now
from chassis.errors import Conflict, HomeroomError, UpgradeRequired
from chassis.identity import Identity
from chassis.model import Body
from chassis.realtime.frames import Error, pack
from chassis.realtime.sockets import accept
from lecture_chat import wire
from lecture_chat.access import ERRORS, MEMBERS, find_lecture
from lecture_chat.entries.commands import Outcome, new_entry
from lecture_chat.entries.encoding import ack
from lecture_chat.entries.refusals import DETAILS
from lecture_chat.rooms.presence import Stay
from lecture_chat.rooms.room import MemberSocket
from lecture_chat.rooms.rooms import ROOMS, Rooms
from lecture_chat.rooms.states import read_own
from lecture_chat.rooms.writers import RateLimitedError, Writer
from lecture_chat.signals.commands import signal_of

api = Api("lecture-chat", title="Rooms")

# How much a newcomer gets at once, how far behind one may resume, and what one socket may have under way.
NEWEST = 200
RESUMABLE = 1_000
IN_FLIGHT = 64


class SocketQuery(Body):
    """Where the client is."""

    since: int | None = Field(None, ge=0, le=2**53, description="The last number it holds; left out: nothing")


@api.get(
    "/lectures/{lecture_id}/socket",
    summary="The room of a live lecture (WebSocket)",
    roles=MEMBERS,
    status=101,
    errors=(*ERRORS, Conflict, UpgradeRequired),
)
async def lecture_socket(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, query: SocketQuery
) -> web.StreamResponse:
    """What is said on it: docs/lecture-chat-protocol.md."""
    lecture = await find_lecture(request, identity, db, lecture_id)
    if lecture["closed_at"] is not None:
        raise Conflict("closed", "The lecture is closed.")
    you = await read_own(db, lecture_id, identity.account_id, lecture["role"])
    rooms = request.app[ROOMS]
    rooms.check_space(lecture_id, identity.account_id)
    run = partial(attend, rooms, lecture, you, query.since)
    return accept(request, identity, wire.CLIENT_IN, run, classroom_id=lecture["classroom_id"])


async def attend(rooms: Rooms, lecture: Row, you: wire.You, since: int | None, socket: MemberSocket) -> None:
    """Be in the room until the socket ends."""
    stay = Stay(uuid_utils.uuid7(), lecture["lecture_id"], you.account_id, you.role, utc_now())
    async with rooms.member(socket, _greet(socket, lecture, you, since), stay):
        # A socket may stay for hours: what it was greeted with need not.
        del lecture, you
        await socket.hear(partial(_take, socket, rooms.writers.of(stay.lecture_id)))


def _greet(socket: MemberSocket, lecture: Row, you: wire.You, since: int | None) -> wire.Hello:
    head = lecture["head_seq"]
    if since is not None and not head - RESUMABLE <= since <= head:
        socket.send(wire.ResyncRequired(head_seq=head))
        since = None
    room = wire.Room(**{name: lecture[name] for name in wire.Room.model_fields})
    return wire.Hello(lecture=room, you=you, first_seq=max(0, head - NEWEST) if since is None else since, head_seq=head)


def _take(socket: MemberSocket, writer: Writer, frame: wire.ClientIn) -> None:
    """Take what a member sends; the answer comes when it is stored."""
    author_id = socket.identity.account_id
    reference = None
    try:
        if isinstance(frame, wire.EntryIn):
            reference = frame.client_id
            writer.add(new_entry(author_id, frame), partial(_answer_entry, socket, reference))
        elif isinstance(frame, wire.SignalIn):
            reference = frame.ref
            writer.set(signal_of(frame, author_id), partial(_answer_signal, socket, reference))
    except HomeroomError as error:
        _refuse(socket, reference, error)
    else:
        socket.in_flight += 1
        if socket.in_flight >= IN_FLIGHT:
            socket.hold()


def _answer_entry(socket: MemberSocket, client_id: str, outcome: Outcome | Exception) -> None:
    _count_answered(socket)
    if isinstance(outcome, Exception):
        _refuse(socket, client_id, outcome)
    elif outcome.refusal is not None:
        socket.send(Error(code=outcome.refusal, detail=DETAILS[outcome.refusal], ref=client_id))
    else:
        socket.write(pack(ack(client_id, outcome.seq)))


def _answer_signal(socket: MemberSocket, reference: str | None, outcome: str | Exception | None) -> None:
    _count_answered(socket)
    if isinstance(outcome, Exception):
        _refuse(socket, reference, outcome)
    elif outcome is not None:
        socket.send(Error(code=outcome, detail=DETAILS[outcome], ref=reference))
    elif reference is not None:
        socket.send(wire.Done(ref=reference))


def _count_answered(socket: MemberSocket) -> None:
    socket.in_flight -= 1
    if socket.in_flight == IN_FLIGHT - 1:
        socket.go_on()


def _refuse(socket: MemberSocket, reference: str | None, error: Exception) -> None:
    code, detail, retry_after_ms = "unavailable", "It may not be stored; send it again.", None
    if isinstance(error, HomeroomError):
        code, detail = error.code, error.detail
    if isinstance(error, RateLimitedError):
        retry_after_ms = round(error.wait * 1000)
    socket.send(Error(code=code, detail=detail, ref=reference, retry_after_ms=retry_after_ms))
