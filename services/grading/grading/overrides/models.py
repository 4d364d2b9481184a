"""An override as it is sent and shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.model import Body
from grading.models import Exact
from grading.policies.models import Percent


class NewOverride(Body):
    """The total a student gets whatever their results say; a null percent takes it back."""

    percent: Percent | None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class OverrideEdition(Body):
    """What it was at one version, and who made it so."""

    percent: Exact | None
    reason: str
    version: int
    changed_by: UUID
    changed_by_name: str | None
    changed_at: datetime


class Override(Body):
    """A student's override with its history, the newest first; version 0: there never was one."""

    classroom_id: UUID
    student_id: UUID
    percent: Exact | None
    version: int
    history: Sequence[OverrideEdition]
