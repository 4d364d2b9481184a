"""Attaching files to things. Only a file's owner may attach it: an attachment is a way to read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid5

from aiohttp import web

from chassis.access import existing
from chassis.db import Executor
from chassis.identity import Identity


@dataclass(frozen=True, slots=True)
class Target:
    """What files hang on, and who may read them there besides the classroom's teachers."""

    id: UUID
    classroom_id: UUID
    assignment_id: UUID | None = None
    submission_id: UUID | None = None
    audience: Literal["members", "teachers"] = "teachers"
    reader_ids: Sequence[UUID] = field(default=())


async def require_files(
    request: web.Request, identity: Identity, db: Executor, file_ids: Sequence[UUID], target_id: UUID | None = None
) -> None:
    """Each file is ready and the caller's own, or on the target already; one on its way is waited for.

    Raises NotFound, alike for another's file and for none.
    """
    if not file_ids:
        return

    async def look() -> bool | None:
        usable = await db.value(
            "are_usable_files",
            school_id=identity.school_id,
            account_id=identity.account_id,
            file_ids=list(file_ids),
            target_id=target_id,
        )
        return True if usable else None

    await existing(request, identity, "file", look)


async def set_files(db: Executor, identity: Identity, target: Target, file_ids: Sequence[UUID]) -> None:
    """Let the target have exactly these files, in this order, and tell files who may read them."""
    await db.execute(
        "set_attachments",
        school_id=identity.school_id,
        account_id=identity.account_id,
        target_id=target.id,
        classroom_id=target.classroom_id,
        assignment_id=target.assignment_id,
        submission_id=target.submission_id,
        audience=target.audience,
        reader_ids=list(target.reader_ids),
        file_ids=list(file_ids),
    )


def questions_of(assignment_id: UUID) -> UUID:
    """What the pictures of a quiz's questions hang on."""
    return uuid5(assignment_id, "questions")


async def renew_audience(db: Executor, assignment_ids: Sequence[UUID]) -> None:
    """After assignments were published, deleted, assigned anew or begun: who may read their files now."""
    await db.execute("renew_audience", ids=list(assignment_ids))
