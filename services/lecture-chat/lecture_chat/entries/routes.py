"""Entries over HTTP: history, and the same commands as on the socket."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict, Forbidden
from chassis.identity import Identity
from lecture_chat import wire
from lecture_chat.access import ERRORS, MEMBERS, find_lecture
from lecture_chat.entries.commands import NewEntry, Outcome, new_entry
from lecture_chat.entries.models import History, HistoryQuery, Stored
from lecture_chat.entries.refusals import refused
from lecture_chat.entries.views import entries_after, entries_before
from lecture_chat.rooms.rooms import ROOMS

api = Api("lecture-chat", title="Entries")


@api.get(
    "/lectures/{lecture_id}/messages", summary="Entries of a lecture", roles=MEMBERS, errors=ERRORS, response=History
)
async def list_messages(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, query: HistoryQuery
) -> Reply[bytes]:
    """In order: after `since`, or the newest before `before`, or the newest of all."""
    lecture = await find_lecture(request, identity, db, lecture_id)
    if query.since is not None:
        found = await entries_after(db, lecture_id, query.since, query.limit)
    else:
        found = await entries_before(db, lecture_id, query.before or 2**62, query.limit)
    head = max([lecture["head_seq"], *(entry.seq for entry in found[-1:])])
    return Reply(b'{"items":[%b],"head_seq":%d}' % (b",".join(entry.json for entry in found), head))


@api.post(
    "/lectures/{lecture_id}/messages",
    summary="Send a message",
    roles=MEMBERS,
    status=201,
    errors=(*ERRORS, Conflict, Forbidden),
)
async def send_message(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, body: wire.NewMessage
) -> Reply[Stored]:
    """The same `client_id` again stores nothing and answers 200 with the same number."""
    await find_lecture(request, identity, db, lecture_id)
    outcome = await _stored(request, lecture_id, new_entry(identity.account_id, body))
    status = 201 if outcome.entry is not None else 200
    return Reply(Stored(client_id=body.client_id, seq=outcome.seq), status=status)


@api.delete(
    "/lectures/{lecture_id}/messages/{seq}", summary="Take back a message", roles=MEMBERS, errors=(*ERRORS, Conflict)
)
async def delete_message(
    request: web.Request, identity: Identity, db: Executor, lecture_id: UUID, seq: wire.Seq
) -> None:
    """One's own, or, as a teacher, anybody's. Its number stays, its text is gone. Deleting again changes nothing."""
    await find_lecture(request, identity, db, lecture_id)
    # Named by what it deletes, so that a repeated request is the same entry; with a space no client's id is the same.
    await _stored(request, lecture_id, NewEntry(identity.account_id, f"delete {seq}", "deleted", {"target": seq}))


async def _stored(request: web.Request, lecture_id: UUID, entry: NewEntry) -> Outcome:
    outcome = await request.app[ROOMS].writers.of(lecture_id).added(entry)
    if outcome.refusal is not None:
        raise refused(outcome.refusal)
    return outcome
