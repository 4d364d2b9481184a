"""`/assignments/{id}/notes`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor
from chassis.errors import Conflict, Forbidden, NotFound
from chassis.identity import Identity, Role
from chassis.paging import PageQuery, decode_cursor, page_of
from classroom import fragments
from classroom.access import may_manage
from classroom.assignments.views import reach_assignment
from classroom.domain import Kind
from classroom.notes.models import Coverage, NewNote, Note, Notes

api = Api("classroom", "Classroom")


@api.get("/assignments/{assignment_id}/notes", summary="List the notes on a lecture", response=Notes)
async def list_notes(identity: Identity, db: Executor, assignment_id: UUID, query: PageQuery) -> Notes:
    """The classroom's teachers see everybody's and how many have written; a student sees their own."""
    classroom, _ = await reach_assignment(db, identity, assignment_id)
    manages = may_manage(identity, classroom)
    if not manages and identity.role is not Role.STUDENT:
        raise Forbidden("not_your_classroom", "Only the classroom's own teachers and admins may do this.")
    (after,) = decode_cursor(query.cursor, UUID) or (UUID(int=0),)
    lecture = {"assignment_id": assignment_id, "school_id": identity.school_id}
    rows = await db.rows(
        "list_notes",
        student_id=None if manages else identity.account_id,
        after_id=after,
        limit=query.limit + 1,
        **lecture,
    )
    coverage = await db.row("note_coverage", **lecture) if manages else None
    shown, cursor = page_of(rows, query.limit, "student_id")
    return Notes(
        items=[Note(**row) for row in shown],
        next_cursor=cursor,
        coverage=Coverage(**coverage) if coverage else None,
    )


@api.put(
    "/assignments/{assignment_id}/notes/me",
    roles={Role.STUDENT},
    summary="Save one's note on a lecture",
    errors=(Conflict,),
)
async def save_note(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: NewNote) -> Note:
    """As often as one types: an older `rev` never replaces a newer one and answers 409."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    if assignment.kind is not Kind.LECTURE:
        raise Conflict("no_lecture", "Notes are written on lectures.")
    if classroom["status"] == "archived":
        raise Conflict("classroom_archived", "The classroom is archived; notes are only read.")
    who = {"assignment_id": assignment_id, "school_id": identity.school_id, "student_id": identity.account_id}
    stale = fragments.mark_stale(request, [fragments.own_work(classroom["id"], identity.account_id)])
    if not await db.value("save_note", stale=stale, **who, **body.model_dump()):
        raise Conflict("older_rev", "A newer revision is saved already; read it and write again.")
    row = await db.row("list_notes", after_id=UUID(int=0), limit=1, **who)
    if row is None:
        raise NotFound("assignment")
    return Note(**row)
