"""The services' answers, put together."""

from collections.abc import Sequence

from chassis.db import Executor, json_rows
from chassis.events import Event


async def keep_answers(tx: Executor, events: Sequence[Event]) -> None:
    """Keep each part once; a request is finished with its last part, whatever the order."""
    rows = [
        event.data | {"school_id": event.school_id, "service": event.source.removeprefix("/homeroom/")}
        for event in events
    ]
    await tx.execute("keep_personal_data_answers", rows=json_rows(rows))
