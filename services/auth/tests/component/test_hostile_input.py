"""Whatever is sent, the answer is one of the document's and never a 5xx."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from auth.app import api
from auth.testing import Person, Sql
from chassis import openapi
from chassis.testing import eventually
from chassis.testing_api import NOWHERE

DOCUMENT = openapi.document(api)
odd_text = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\x00", "\ud800", "a" * 300_000, "٣", "\u202e", "ﬁ@ﬁ.example", "İ@i.example", "a@b.example\n", "1e400"]
    ),
)
odd_value = st.recursive(
    st.one_of(odd_text, st.none(), st.booleans(), st.integers(-(10**400), 10**400), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(odd_text, inner, max_size=3)),
    max_leaves=6,
)
RAW = [
    b"", b"{", b"null", b"[]", b'"x"', b"[" * 50_000, b'{"a":' * 20_000, b"\xff\xfe", b'{"name":"\\ud800"}',
    b'{"name":"a","name":"b"}', b'{"name":"a\\u0000"}', b'{"name":1e999}', b'{"name":NaN}', b"1" * 5_000,
    b'{"name":"' + b"x" * 2_000_000 + b'"}',
]  # fmt: skip


def fields(method: str, path: str) -> list[str]:
    content = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return []
    name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
    return list(DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {}))


BODIES = [(method, path) for method, path in (
    (method, path) for path, item in DOCUMENT["paths"].items() for method in item
) if fields(method, path)]  # fmt: skip
NO_TOKEN = "B" * 43
READS = [path for path, item in DOCUMENT["paths"].items() if "get" in item]


async def send(admin: Person, method: str, path: str, **options: Any) -> int:
    url = URL(f"/api/auth{path}", encoded=True)
    headers = admin.headers | options.pop("headers", {})
    async with admin.client.request(method, url, headers=headers, **options) as response:
        assert response.status < 500, await response.text()
        if response.status >= 400:
            assert len(await response.read()) < 600_000
        return response.status


async def path_of(admin: Person, path: str) -> str:
    # A well-formed id or token of nothing: a malformed one is refused before the body is read.
    ids = {name: NOWHERE if name.endswith("_id") else NO_TOKEN for name in re.findall(r"{(\w+)}", path)}
    return path.format(**ids | {"account_id": str(await admin.account_id())})


fuzzed = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("method", "path"), BODIES)
@fuzzed
@given(data=st.data())
async def test_any_json_is_answered(admin: Person, method: str, path: str, data: st.DataObject) -> None:
    known = data.draw(st.dictionaries(st.sampled_from(fields(method, path)), odd_value))
    document = known | data.draw(st.dictionaries(odd_text, odd_value, max_size=2))
    raw = json.dumps(document).encode("utf-8", "surrogatepass")
    await send(admin, method, await path_of(admin, path), data=raw, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(("method", "path"), BODIES)
async def test_any_bytes_are_answered(admin: Person, method: str, path: str) -> None:
    where = await path_of(admin, path)
    for raw in RAW:
        await send(admin, method, where, data=raw, headers={"Content-Type": "application/json"})
    for kind in ("", "text/plain", "application/json; charset=utf-7", "a/b/c;;", "multipart/form-data"):
        await send(admin, method, where, data=b"{}", headers={"Content-Type": kind})
    for coding in ("gzip", "deflate", "br", "zstd", "x"):
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        assert await send(admin, method, where, data=b"no such coding", headers=headers) in {200, 204, 400, 401, 422}


@pytest.mark.parametrize("path", READS)
@fuzzed
@given(
    name=st.sampled_from(["limit", "cursor", "search", "role", "status", "dry_run", "x", "\x00", "\udcff"]),
    value=odd_text,
)
async def test_any_query_is_answered(admin: Person, path: str, name: str, value: str) -> None:
    query = "&".join(
        f"{quote(name, errors='surrogatepass')}={quote(part, errors='surrogatepass')}" for part in (value[:2_000], "1")
    )
    await send(admin, "GET", f"{await path_of(admin, path)}?{query}")
    await send(admin, "GET", f"{await path_of(admin, path)}?{query.partition('&')[0]}")


async def test_any_id_is_answered(admin: Person) -> None:
    for text in ("%00", "%ff", "%ED%A0%80", "a" * 4_000, "{}", "urn:uuid:x", "0" * 32, "%F0%9F%92%A9", "-1"):
        assert await send(admin, "GET", f"/accounts/{text}") == 404


async def test_many_wrong_fields_are_not_all_named(admin: Person) -> None:
    document = {str(number): number for number in range(50_000)}
    answer = await admin.call("PATCH", "/me", 422, json=document)
    assert len(answer["errors"]) == 20
    assert answer["detail"] == "50001 field(s) are wrong."


PARTS = [
    b"", b"--b", b"--b--", b"--b\r\n\r\n", b"--b\r\n\r\n\r\n--b--\r\n", b"--c\r\n\r\nx\r\n--c--",
    b"--b\r\nContent-Disposition: form-data; name=\"package\"\r\n\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"pack\xff\"\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name*=utf-16''%ff\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: \xff\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"package\"\r\n\r\nPK cut off",
    b"--b\r\nContent-Disposition: form-data; name=\"package\"\r\nContent-Transfer-Encoding: x\r\n\r\nx\r\n--b-\r\n",
    b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
    b"--b\r\nContent-Type: multipart/mixed\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\n" + b"A" * 70_000 + b": x\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\n" + b"A: x\r\n" * 5_000 + b"\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"quiz_categories\"\r\n\r\n" + b"x" * 70_000 + b"\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"quiz_categories\"\r\n\r\n\xff\r\n--b--\r\n",
]  # fmt: skip
TYPES = [
    "multipart/form-data; boundary=b",
    'multipart/form-data; boundary=""',
    "multipart/form-data; boundary=" + "b" * 99,
]


# aiohttp's warnings repeat what was sent, which no report can hold.
@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader", "ignore::aiohttp.BadContentDispositionParam")
@pytest.mark.parametrize("kind", TYPES)
async def test_any_upload_is_answered_and_leaves_nothing(admin: Person, sql: Sql, kind: str) -> None:
    for body in PARTS:
        status = await send(admin, "POST", "/rosters", data=body, headers={"Content-Type": kind})
        assert status in {400, 422}, body[:200]
    for coding in ("gzip", "deflate"):
        headers = {"Content-Type": TYPES[0], "Content-Encoding": coding}
        assert await send(admin, "POST", "/rosters", data=PARTS[5], headers=headers) == 400
    assert sql("SELECT count(*) FROM rosters") == [(0,)]


HEAD = b'--b\r\nContent-Disposition: form-data; name="package"; filename="a.zip"\r\n\r\n'


async def test_the_length_a_part_claims_is_not_believed(admin: Person, sql: Sql) -> None:
    for length in (b"x", b"-5", b"99999999999999999999"):
        body = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: " + length + b"\r\n\r\n") + b"four\r\n--b--\r\n"
        assert await send(admin, "POST", "/rosters", data=body, headers={"Content-Type": TYPES[0]}) == 202
    assert sql("SELECT DISTINCT size FROM rosters") == [(4,)]


async def test_a_large_upload_is_taken(admin: Person, sql: Sql) -> None:
    async def body() -> Any:
        yield HEAD
        for _ in range(65):
            yield bytes(2**20)
        yield b"\r\n--b--\r\n"

    assert await send(admin, "POST", "/rosters", data=body(), headers={"Content-Type": TYPES[0]}) == 202
    assert sql("SELECT size FROM rosters") == [(65 * 2**20,)]
    assert sql("SELECT sum(octet_length(data)) FROM roster_chunks") == [(65 * 2**20,)]


async def test_an_upload_broken_off_leaves_nothing(admin: Person, sql: Sql, capfd: pytest.CaptureFixture[str]) -> None:
    server = admin.client.server
    head = (
        f"POST /api/auth/rosters HTTP/1.1\r\nHost: x\r\nAuthorization: {admin.headers['Authorization']}\r\n"
        f"Content-Type: {TYPES[0]}\r\nContent-Length: 9000000\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(head.encode() + HEAD + bytes(2_000_000))
    await writer.drain()

    async def begun() -> bool:
        return sql("SELECT count(*) > 1 FROM roster_chunks") == [(True,)]

    await eventually(begun)
    writer.close()

    async def gone() -> bool:
        return sql("SELECT count(*) FROM rosters") == [(0,)]

    await eventually(gone)
    assert "unexpected_error" not in capfd.readouterr().out


@pytest.mark.parametrize("field", ["role", "school_id", "status", "account_id", "is_service", "managed", "version"])
async def test_a_student_makes_nobody_of_themselves(admin: Person, sql: Sql, field: str) -> None:
    """GUARANTEES 44."""
    student, account = await admin.hire("sam@elm.example", "student")
    before = sql("SELECT * FROM memberships ORDER BY account_id")
    for path in ("/me", f"/accounts/{account['id']}"):
        document = {"name": "Sam", field: str(await admin.school_id()) if field.endswith("_id") else "admin"}
        await student.call("PATCH", path, 422 if path == "/me" else 403, json=document)
    assert sql("SELECT * FROM memberships ORDER BY account_id") == before


async def test_a_changed_row_would_be_seen(admin: Person, sql: Sql) -> None:
    """Control of GUARANTEES 44: what a student may change is seen in the same rows."""
    student, _ = await admin.hire("sam@elm.example", "student")
    before = sql("SELECT * FROM memberships ORDER BY account_id")
    await student.call("PATCH", "/me", json={"name": "Samuel"})
    assert sql("SELECT * FROM memberships ORDER BY account_id") != before
