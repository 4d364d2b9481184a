"""`/assignments/{id}/comments` and `/comments/{id}`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api
from chassis.db import Executor, Row
from chassis.errors import Conflict, Forbidden, NotFound
from chassis.identity import Identity, Role
from chassis.paging import Page
from classroom import fragments
from classroom.access import may_manage
from classroom.assignments.views import reach_assignment
from classroom.comments import views
from classroom.comments.models import Comment, CommentPatch, CommentQuery, NewComment

api = Api("classroom", "Classroom")


def _require_open(classroom: Row) -> None:
    if classroom["status"] == "archived":
        raise Conflict("classroom_archived", "The classroom is archived; nothing is said there any more.")


def _require_member(identity: Identity, classroom: Row) -> None:
    """Any teacher of the school reads along; only members speak."""
    if identity.role is not Role.STUDENT and not may_manage(identity, classroom):
        raise Forbidden("not_your_classroom", "Only the classroom's own members may comment.")


@api.get("/assignments/{assignment_id}/comments", summary="List comments", response=Page[Comment], errors=(NotFound,))
async def list_comments(identity: Identity, db: Executor, assignment_id: UUID, query: CommentQuery) -> Page[Comment]:
    """Oldest first: those to everybody, or with `student_id` the private ones."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    await views.require_student(db, identity, classroom, assignment, query.student_id)
    return await views.list_comments(db, identity, assignment_id, query)


@api.post(
    "/assignments/{assignment_id}/comments", status=201, summary="Comment", idempotent=True, errors=(Conflict, NotFound)
)
async def add_comment(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: NewComment
) -> Comment:
    """To everybody, or between a student and the teachers."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    _require_member(identity, classroom)
    _require_open(classroom)
    await views.require_student(db, identity, classroom, assignment, body.student_id)
    added = await db.row(
        "add_comment",
        assignment_id=assignment_id,
        school_id=identity.school_id,
        account_id=identity.account_id,
        **body.model_dump(),
    )
    assert added is not None
    fragments.mark_stale(request, added["stale"])
    _, comment = await views.reach_comment(db, identity, added["id"])
    return comment


@api.patch("/comments/{comment_id}", summary="Change one's comment", errors=(Conflict,))
async def change_comment(identity: Identity, db: Executor, comment_id: UUID, body: CommentPatch) -> Comment:
    """Only who said it may; it then shows when it was edited."""
    classroom, _ = await views.reach_comment(db, identity, comment_id)
    _require_open(classroom)
    changed = await db.value(
        "change_comment", id=comment_id, school_id=identity.school_id, account_id=identity.account_id, body=body.body
    )
    if changed is None:
        raise Forbidden("not_your_comment", "Only who wrote it may change it.")
    _, comment = await views.reach_comment(db, identity, comment_id)
    return comment


@api.delete("/comments/{comment_id}", summary="Delete a comment", errors=(Conflict,))
async def delete_comment(request: web.Request, identity: Identity, db: Executor, comment_id: UUID) -> None:
    """Who wrote it may, and the classroom's teachers."""
    classroom, comment = await views.reach_comment(db, identity, comment_id)
    _require_open(classroom)
    if comment.author_id != identity.account_id and not may_manage(identity, classroom):
        raise Forbidden("not_your_comment", "Only who wrote it and the classroom's teachers may delete it.")
    fragments.mark_stale(request, await db.value("delete_comment", id=comment_id, school_id=identity.school_id) or [])
