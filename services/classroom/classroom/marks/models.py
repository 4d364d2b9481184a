"""What the import of marks takes and answers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.model import Body


class MarksQuery(Body):
    """Whether to try or to do it."""

    dry_run: bool = Field(False, description="Say what would be done, and do nothing")


class MarkedSheet(Body):
    """A gradebook as it was exported, with scores filled in. An empty cell leaves a grade alone; EX excuses."""

    csv: Annotated[str, StringConstraints(min_length=1)]
    release: bool = Field(False, description="Students see the new grades at once; those they see already stay seen")
    state: str | None = Field(
        None, max_length=64, description="`state` of the preview: only exactly what it showed is done"
    )


class MarkChange(Body):
    """One grade that becomes another; a null score that is not excused: there is none."""

    student_id: UUID
    name: str
    assignment_id: UUID
    title: str
    score_before: Decimal | None
    excused_before: bool
    score: Decimal | None
    excused: bool


class MarksOutcome(Body):
    """What was done, or with `dry_run` what would be done."""

    applied: bool
    state: str = Field(description="Names what the answer was made of")
    changed: int
    unchanged: int = Field(description="Cells that say what stands already")
    changes: Sequence[MarkChange] = Field(description="The first 1000")
    ignored_columns: Sequence[str]
