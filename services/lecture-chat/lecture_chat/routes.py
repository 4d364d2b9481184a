"""The HTTP API of lecture-chat. A foreign id, an unknown one and one that is not the caller's answer alike."""

from uuid import UUID

from aiohttp import web

from chassis.access import existing
from chassis.api import Api, Reply
from chassis.db import Executor
from chassis.errors import Conflict
from chassis.identity import Identity
from chassis.paging import Page
from lecture_chat import commands, views
from lecture_chat.access import ERRORS, MEMBERS, TEACHERS, find_lecture
from lecture_chat.attendance import routes as attendance_routes
from lecture_chat.entries import routes as entry_routes
from lecture_chat.models import Lecture, LectureQuery, NewLecture
from lecture_chat.rooms import routes as room_routes
from lecture_chat.rooms.rooms import ROOMS

api = Api("lecture-chat", title="Homeroom lecture chat", description="Live lectures of the classrooms one belongs to.")


@api.post(
    "/lectures", summary="Open a lecture", status=201, roles=TEACHERS, idempotent=True, errors=(*ERRORS, Conflict)
)
async def open_lecture(request: web.Request, identity: Identity, db: Executor, body: NewLecture) -> Reply[Lecture]:
    """One at a time for an assignment."""
    assignment = await existing(
        request, identity, "assignment", lambda: views.find_taught_assignment(db, identity, body.assignment_id)
    )
    lecture = await commands.open_lecture(db, identity, assignment)
    return Reply(lecture, headers={"Location": f"{api.prefix}/lectures/{lecture.lecture_id}"})


@api.get("/lectures", summary="A classroom's live lectures", roles=MEMBERS, errors=ERRORS)
async def list_lectures(request: web.Request, identity: Identity, db: Executor, query: LectureQuery) -> Page[Lecture]:
    """Newest first."""
    await existing(request, identity, "classroom", lambda: views.find_membership(db, identity, query.classroom_id))
    return await views.lectures(db, identity, query)


@api.get("/lectures/{lecture_id}", summary="A live lecture", roles=MEMBERS, errors=ERRORS)
async def read_lecture(request: web.Request, identity: Identity, db: Executor, lecture_id: UUID) -> Lecture:
    """For those who teach or attend its classroom."""
    return views.lecture_of(await find_lecture(request, identity, db, lecture_id))


@api.post("/lectures/{lecture_id}/close", summary="Close a live lecture", roles=TEACHERS, errors=ERRORS)
async def close_lecture(request: web.Request, identity: Identity, db: Executor, lecture_id: UUID) -> Lecture:
    """It ends for everyone, and its attendance is written down. Closing again changes nothing."""
    found = await find_lecture(request, identity, db, lecture_id, teaching=True)
    closed = await commands.close_lecture(db, lecture_id)
    request.app[ROOMS].changed(lecture_id)
    return views.lecture_of(found | closed)


api.include(entry_routes.api, room_routes.api, attendance_routes.api)
