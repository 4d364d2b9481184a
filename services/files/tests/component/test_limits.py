"""Limits of a school, quotas and usage."""

import asyncio
from collections import Counter
from typing import Any

from files.testing import Actor, announcement

People = dict[str, Actor]


async def test_a_school_decides_within_the_installation(people: People) -> None:
    admin, sam = people["admin"], people["sam"]
    body = {"types": ["image/png"], "max_bytes": 50, "account_quota_bytes": 100}
    status, limits = await admin.call("PUT", "/limits", json=body)
    assert (status, limits["types"], limits["max_bytes"], limits["chosen"]) == (200, ["image/png"], 50, body)
    assert (await sam.begin("a.pdf", b"x", "application/pdf"))[0] == 422
    assert (await sam.begin("a.png", b"x" * 51, "image/png"))[0] == 422
    assert (await sam.begin("a.png", b"x" * 50, "image/png"))[0] == 201
    assert (await people["stranger"].begin("a.pdf", b"x", "application/pdf"))[0] == 201
    wrong_ones: list[dict[str, Any]] = [{"types": ["text/html"]}, {"max_bytes": 10**12}, {"types": []}]
    for wrong in wrong_ones:
        assert (await admin.call("PUT", "/limits", json=wrong))[0] == 422, wrong
    status, problem = await admin.call("PUT", "/limits", json={}, headers={"If-Match": '"7"'})
    assert (status, problem["current"]["max_bytes"]) == (412, 50)
    status, limits = await admin.call("PUT", "/limits", json={}, headers={"If-Match": '"1"'})
    assert (status, limits["max_bytes"]) == (200, 512 * 1024 * 1024)


async def test_the_last_of_a_quota_is_given_once(people: People, sql: Any) -> None:
    sam = people["sam"]
    await people["admin"].call("PUT", "/limits", json={"account_quota_bytes": 100})
    bodies = [announcement("a.txt", bytes([number]) * 30, "text/plain") for number in range(10)]
    answers = await asyncio.gather(*(sam.call("POST", "/uploads", json=body) for body in bodies))
    assert Counter(status for status, _ in answers) == {201: 3, 409: 7}
    assert {problem["code"] for status, problem in answers if status == 409} == {"quota_used_up"}
    _, usage = await sam.call("GET", "/usage")
    assert usage["account"] == {"bytes": 90, "files": 3, "quota_bytes": 100}
    _, usage = await people["admin"].call("GET", "/usage")
    assert (usage["school"]["bytes"], usage["account"]["bytes"]) == (90, 0)
    # Giving up an upload gives its room back.
    file_id = next(body["file"]["file_id"] for status, body in answers if status == 201)
    assert (await sam.call("DELETE", f"/files/{file_id}"))[0] == 204
    assert (await sam.begin("b.txt", b"x" * 40, "text/plain"))[0] == 201
    assert sql("SELECT sum(size) FROM files WHERE counted(status)") == [(100,)]


async def test_the_same_key_begins_one_upload(people: People, sql: Any) -> None:
    body = announcement("a.txt", b"x", "text/plain")
    again = {"json": body, "headers": {"Idempotency-Key": "k"}}
    answers = [await people["sam"].call("POST", "/uploads", **again) for _ in range(2)]
    assert answers[0] == answers[1]
    assert sql("SELECT count(*) FROM files") == [(1,)]
