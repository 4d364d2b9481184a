"""Imports in component tests: the worker's turn is taken by the test."""

from typing import Any

import aiohttp

from auth.rosters.importer import IMPORTER
from auth.testing import Person
from chassis.db import Database
from chassis.rosters.work import work


def form(package: bytes, **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, value in fields.items():
        data.add_field(name, value)
    data.add_field("package", package, filename="school.zip", content_type="application/zip")
    return data


async def upload(admin: Person, package: bytes, **params: str) -> str:
    answer = await admin.call("POST", "/rosters", 202, data=form(package), params=params)
    assert answer["status"] == "validating"
    return str(answer["id"])


async def run(admin: Person, database: Database, package: bytes, **params: str) -> Any:
    """Upload, let the worker do it, and read the result."""
    roster_id = await upload(admin, package, **params)
    assert await work(database, IMPORTER) == 1
    return await admin.call("GET", f"/rosters/{roster_id}")


def counts(roster: Any) -> dict[str, int]:
    return {kind: change["count"] for kind, change in roster["changes"].items()}
