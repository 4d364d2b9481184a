"""`/assignments/{id}/submissions` and `/submissions/{id}`."""

from uuid import UUID

from aiohttp import web

from chassis.api import Api, Reply
from chassis.db import Executor, Row
from chassis.errors import Conflict, NotFound, PreconditionFailed
from chassis.etags import etag, expected
from chassis.identity import Identity, Role
from chassis.paging import Page
from classroom.access import STAFF, require_manager
from classroom.assignments.models import Assignment
from classroom.assignments.views import managed_assignment, reach_assignment
from classroom.attachments.commands import require_files
from classroom.grades import commands as grades
from classroom.grades.models import Grades, NewGrade
from classroom.grades.routes import mark_stale, seen_version
from classroom.grades.views import find_grades
from classroom.submissions import commands, views
from classroom.submissions.models import Draft, OwnSubmission, StudentWork, Submission, WorkQuery

api = Api("classroom", "Classroom")
STUDENT = {Role.STUDENT}


async def _open(db: Executor, identity: Identity, assignment_id: UUID) -> Assignment:
    """An assignment that the student may still work on."""
    classroom, assignment = await reach_assignment(db, identity, assignment_id)
    commands.require_submittable(assignment)
    if classroom["status"] == "archived":
        raise Conflict("classroom_archived", "The classroom is archived; nothing is turned in any more.")
    return assignment


async def _own(db: Executor, identity: Identity, assignment_id: UUID) -> OwnSubmission:
    own = await views.own_submission(db, identity, assignment_id)
    if own is None:
        raise NotFound("submission")
    return own


async def _shown(db: Executor, identity: Identity, assignment_id: UUID) -> Reply[Submission]:
    own = await _own(db, identity, assignment_id)
    return Reply(await views.with_turn_ins(db, identity, own), etag(own.revision))


def _mark_stale(request: web.Request, assignment: Assignment, own: OwnSubmission) -> None:
    mark_stale(request, assignment.classroom_id, own.student_ids)


@api.get("/assignments/{assignment_id}/submissions/me", roles=STUDENT, summary="Read one's own work")
async def read_own(identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Submission]:
    """404 until something is written."""
    await reach_assignment(db, identity, assignment_id)
    return await _shown(db, identity, assignment_id)


@api.put(
    "/assignments/{assignment_id}/submissions/me",
    roles=STUDENT,
    summary="Write one's own work, or one's group's",
    errors=(Conflict, NotFound, PreconditionFailed),
)
async def write_own(
    request: web.Request, identity: Identity, db: Executor, assignment_id: UUID, body: Draft
) -> Reply[Submission]:
    """Nobody but its students sees it before it is turned in. `If-Match` names what is replaced."""
    assignment = await _open(db, identity, assignment_id)
    own = await views.own_submission(db, identity, assignment_id)
    await require_files(request, identity, db, body.file_ids, own.id if own else None)
    if own is None:
        await _begin(request, identity, db, assignment, body)
    elif await commands.write(db, identity, assignment, own, body, expected(request)):
        _mark_stale(request, assignment, own)
    else:
        current = await _own(db, identity, assignment_id)
        raise PreconditionFailed(current.model_dump(mode="json"), body.model_dump(mode="json"))
    return await _shown(db, identity, assignment_id)


async def _begin(request: web.Request, identity: Identity, db: Executor, assignment: Assignment, body: Draft) -> None:
    students = await commands.begin(db, identity, assignment, body)
    if not students:
        raise Conflict("begun_already", "It was begun at the same time elsewhere; read it and write again.")
    mark_stale(request, assignment.classroom_id, students)


@api.post(
    "/assignments/{assignment_id}/submissions/me/turn-in",
    roles=STUDENT,
    summary="Turn in one's own work",
    errors=(Conflict,),
)
async def turn_in(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Submission]:
    """Late or not is decided by when the server received it. Turned in twice is turned in once."""
    assignment = await _open(db, identity, assignment_id)
    own = await _own(db, identity, assignment_id)
    await commands.turn_in(db, identity, assignment, own)
    _mark_stale(request, assignment, own)
    return await _shown(db, identity, assignment_id)


@api.post(
    "/assignments/{assignment_id}/submissions/me/reclaim",
    roles=STUDENT,
    summary="Take one's own work back",
    errors=(Conflict,),
)
async def reclaim(request: web.Request, identity: Identity, db: Executor, assignment_id: UUID) -> Reply[Submission]:
    """What was turned in stays known; it may be changed and turned in again, as often as the assignment allows."""
    assignment = await _open(db, identity, assignment_id)
    own = await _own(db, identity, assignment_id)
    await commands.reclaim(db, identity, assignment, own)
    _mark_stale(request, assignment, own)
    return await _shown(db, identity, assignment_id)


@api.get(
    "/assignments/{assignment_id}/submissions",
    roles=STAFF,
    summary="List students with their work and grades",
    response=Page[StudentWork],
)
async def list_submissions(
    identity: Identity, db: Executor, assignment_id: UUID, query: WorkQuery
) -> Page[StudentWork]:
    """By name, whatever its state, so that a page stays while work comes in: `status=turned_in` are those who wait.
    Everybody it is for, those without work too; for the classroom's teachers and for admins."""
    await managed_assignment(db, identity, assignment_id, archived=True)
    return await views.list_submissions(db, identity, assignment_id, query)


@api.get("/submissions/{submission_id}", summary="Read a submission with all its versions")
async def read_submission(identity: Identity, db: Executor, submission_id: UUID) -> Reply[Submission]:
    """For its students, and for those who grade it, who do not see what is still being written."""
    _, _, own = await views.reach_submission(db, identity, submission_id)
    if identity.account_id in own.student_ids:
        return Reply(await views.with_turn_ins(db, identity, own), etag(own.revision))
    return Reply(await views.shown_to_teachers(db, identity, own), etag(own.revision))


async def _graded(db: Executor, identity: Identity, submission_id: UUID) -> tuple[Row, Assignment, OwnSubmission]:
    classroom, assignment, own = await views.reach_submission(db, identity, submission_id)
    require_manager(identity, classroom, archived=False)
    return classroom, assignment, own


@api.post("/submissions/{submission_id}/return", roles=STAFF, summary="Return a submission", errors=(Conflict,))
async def give_back(request: web.Request, identity: Identity, db: Executor, submission_id: UUID) -> Reply[Submission]:
    """Its students may work on it again, and turn it in as often as the assignment allows."""
    _, assignment, own = await _graded(db, identity, submission_id)
    await commands.give_back(db, identity, assignment, own)
    _mark_stale(request, assignment, own)
    _, _, now = await views.reach_submission(db, identity, submission_id)
    return Reply(await views.shown_to_teachers(db, identity, now), etag(now.revision))


@api.put(
    "/submissions/{submission_id}/grade",
    roles=STAFF,
    summary="Grade a submission",
    errors=(Conflict, PreconditionFailed),
)
async def grade_submission(
    request: web.Request, identity: Identity, db: Executor, submission_id: UUID, body: NewGrade
) -> Reply[Grades]:
    """All its students get the grade; `PUT /assignments/{id}/grades/{student_id}` changes one's own. `If-Match` names
    the grades that are replaced: the sum of their versions, as in the `ETag` of the answer."""
    _, assignment, own = await _graded(db, identity, submission_id)
    given = await grades.give_grades(db, identity, assignment, own.student_ids, body, seen_version(request))
    mark_stale(request, assignment.classroom_id, own.student_ids)
    current = await find_grades(db, identity, assignment.id, own.student_ids)
    if not given:
        shown = [grade.model_dump(mode="json") for grade in current]
        raise PreconditionFailed(shown, body.model_dump(mode="json"))
    return Reply(Grades(items=current), etag(sum(grade.version for grade in current)))
