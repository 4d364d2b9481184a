"""A service's copies of what others own: one row per subject, replaced only by a higher version.

The query's SQL does the comparing (`ON CONFLICT … WHERE kept.version < excluded.version`); rows arrive as
`%(rows)s` for `json_to_recordset`: the event's data with `school_id` and `version` (the event's sequence).
"""

from collections.abc import Sequence
from typing import Any

from chassis.db import Executor, json_rows
from chassis.events import Event, newest
from chassis.inbox import Handler


def keep(query: str) -> Handler:
    """A handler that keeps the newest state of each subject by the named query."""

    async def handle(tx: Executor, events: Sequence[Event]) -> None:
        await tx.execute(query, rows=copy_rows(events))

    return handle


def copy_rows(events: Sequence[Event]) -> Any:
    """The newest state of each subject, as the parameter `rows`."""
    return json_rows([with_version(event) for event in newest(events)])


def with_version(event: Event) -> dict[str, Any]:
    """An event's data as a row of a copy."""
    return event.data | {"school_id": str(event.school_id), "version": event.sequence}
