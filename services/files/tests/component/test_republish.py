"""`python -m files republish` tells all there is once more, and nothing else."""

from typing import Any

import pytest

from chassis import republish
from chassis.contracts import check_event
from chassis.db import Database
from chassis.outbox import unsent_events
from files import samples
from files.__main__ import SOURCES
from files.testing import Actor


@pytest.mark.usefixtures("inspector")
async def test_files_are_told_again(people: dict[str, Actor], database: Database, sql: Any) -> None:
    sam = people["sam"]
    gone = await sam.upload("a.txt", b"a", "text/plain")
    await sam.upload("b.pdf", samples.pdf(), "application/pdf")
    await sam.upload("c.png", samples.HTML, "image/png")
    await sam.begin("never sent.txt", b"x", "text/plain")
    await sam.call("DELETE", f"/files/{gone['file_id']}")
    before = {event.subject: event for event in await unsent_events(database, "files")}
    sql("DELETE FROM outbox")
    assert [await republish.republish(database, source) for source in SOURCES] == [3]
    again = {event.subject: event for event in await unsent_events(database, "files")}
    assert {event.data["status"] for event in again.values()} == {"ready", "rejected", "deleted"}
    for key, event in again.items():
        check_event(event)
        assert (event.type, event.sequence, event.data) == (before[key].type, before[key].sequence, before[key].data)
