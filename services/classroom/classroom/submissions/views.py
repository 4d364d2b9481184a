"""Reading submissions."""

from uuid import UUID

from chassis.db import Executor, Row
from chassis.errors import NotFound
from chassis.identity import Identity
from chassis.paging import Page, decode_cursor, page_of
from classroom.access import may_manage
from classroom.assignments.models import Assignment
from classroom.assignments.views import reach_assignment
from classroom.people.views import FIRST_BY_NAME
from classroom.submissions.models import OwnSubmission, StudentWork, Submission, SubmissionStatus, TurnIn, WorkQuery

_UNFINISHED = {SubmissionStatus.CREATED, SubmissionStatus.RECLAIMED}


async def own_submission(db: Executor, identity: Identity, assignment_id: UUID) -> OwnSubmission | None:
    """The caller's own work on an assignment; None when there is none yet."""
    shown = await db.value(
        "find_own_submission",
        assignment_id=assignment_id,
        student_id=identity.account_id,
        school_id=identity.school_id,
    )
    return OwnSubmission.model_validate(shown) if shown else None


async def with_turn_ins(db: Executor, identity: Identity, own: OwnSubmission) -> Submission:
    """A submission with all that was turned in."""
    rows = await db.rows("list_turn_ins", id=own.id, school_id=identity.school_id)
    return Submission(**own.model_dump(), turn_ins=[TurnIn(**row) for row in rows])


async def reach_submission(
    db: Executor, identity: Identity, submission_id: UUID
) -> tuple[Row, Assignment, OwnSubmission]:
    """A submission, its assignment and classroom, for its students and those who may grade it; raises NotFound."""
    shown = await db.value("find_submission", id=submission_id, school_id=identity.school_id)
    if shown is None:
        raise NotFound("submission")
    own = OwnSubmission.model_validate(shown)
    try:
        classroom, assignment = await reach_assignment(db, identity, own.assignment_id)
    except NotFound:
        raise NotFound("submission") from None
    if identity.account_id not in own.student_ids and not may_manage(identity, classroom):
        raise NotFound("submission")
    return classroom, assignment, own


async def shown_to_teachers(db: Executor, identity: Identity, own: OwnSubmission) -> Submission:
    """Without what its students still write."""
    whole = await with_turn_ins(db, identity, own)
    if own.status not in _UNFINISHED:
        return whole
    return whole.model_copy(update={"body": "", "files": []})


async def list_submissions(
    db: Executor, identity: Identity, assignment_id: UUID, query: WorkQuery
) -> Page[StudentWork]:
    """A page of an assignment's students, by name, with their work and grades."""
    name, id_ = decode_cursor(query.cursor, str, UUID) or FIRST_BY_NAME
    rows = await db.rows(
        "list_submissions",
        assignment_id=assignment_id,
        school_id=identity.school_id,
        status=query.status,
        after_name=name,
        after_id=id_,
        limit=query.limit + 1,
    )
    shown, cursor = page_of(rows, query.limit, "name", "student_id")
    return Page(items=[StudentWork(**row) for row in shown], next_cursor=cursor)
