"""The object store behind the gateway: bytes go straight in and out, and nothing else of it is seen."""

import pytest

from gateway.nginx.tests.harness import Gateway, assert_headers, problem
from gateway.nginx.tests.stubs import Services, answering

pytestmark = pytest.mark.asyncio(loop_scope="session")

FROM_STORE = answering(headers={"X-Accel-Redirect": "/_s3/homeroom-files/a"})
SAID_BY_STORE = {"body": b"<Error><Key>internal</Key></Error>", "content_type": "application/xml"}


async def test_uploads_go_straight_to_the_store(gateway: Gateway, services: Services) -> None:
    headers = {"Authorization": "Bearer x.y.z", "Cookie": "a=b", "X-Forwarded-Host": "evil"}
    answer = await gateway.ask("POST", "/blobs/homeroom-files?x=1", headers=headers, data=b"bytes" * 400_000)
    assert answer.status == 200
    (seen,) = services["s3"].seen
    assert (seen.raw_path, len(seen.body), seen.all("Host")) == ("/homeroom-files?x=1", 2_000_000, ["s3.internal:8333"])
    assert [seen.all(name) for name in ("Authorization", "Cookie", "X-Forwarded-Host")] == [[], [], []]
    await gateway.ask("PUT", "/blobs/homeroom-files/a/b.c-d_e?X-Amz-Signature=s", data=b"")
    assert services["s3"].seen[1].raw_path == "/homeroom-files/a/b.c-d_e?X-Amz-Signature=s"


async def test_the_store_is_not_read_or_listed_from_outside(gateway: Gateway, services: Services) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        assert (await gateway.ask(method, "/blobs/homeroom-files/x")).status == 403
    for path in ("/blobs/other/x", "/blobs/", "/blobs/homeroom-files-2/x", "/_s3/homeroom-files/x"):
        assert (await gateway.ask("POST", path, data=b"")).status in {404, 405}
    assert services["s3"].seen == []


async def test_downloads_come_from_the_store_with_the_services_type(
    gateway: Gateway, services: Services, token: str
) -> None:
    stored = {
        "Content-Type": "text/html",
        "Content-Range": "bytes 1-3/5",
        "Content-Encoding": "gzip",
        "ETag": '"store"',
        "Last-Modified": "Wed, 25 Nov 2026 00:00:00 GMT",
        "Cache-Control": "public, max-age=31536000",
        "Expires": "Thu, 01 Jan 2099 00:00:00 GMT",
        "X-Amz-Request-Id": "1",
    }
    allowed = {
        "X-Accel-Redirect": "/_s3/homeroom-files/a/b?X-Amz-Signature=s",
        "Content-Type": "text/plain",
        "ETag": '"service"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'attachment; filename="a.txt"',
    }
    services["files"].answer = answering(headers=allowed)
    services["s3"].answer = answering(status=206, body=b"ell", headers=stored)
    answer = await gateway.get("/api/files/files/x/content", token, Range="bytes=1-3", Cookie="a=b")
    assert (answer.status, answer.body) == (206, b"ell")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["ETag"] == '"service"'
    assert answer.headers.getall("Cache-Control") == ["private, no-cache"]
    assert not {"Content-Encoding", "Last-Modified", "Expires", "X-Amz-Request-Id"} & answer.headers.keys()
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert_headers(answer)
    (seen,) = services["s3"].seen
    assert (seen.method, seen.raw_path) == ("GET", "/homeroom-files/a/b?X-Amz-Signature=s")
    assert (seen.all("Range"), seen.all("Authorization"), seen.all("Cookie")) == (["bytes=1-3"], [], [])


@pytest.mark.parametrize(
    ("if_range", "asked"),
    [('"now"', ["bytes=1-3"]), ('"before"', []), ('W/"now"', []), ('"now"x', []), (None, ["bytes=1-3"])],
)
async def test_a_range_is_of_what_the_client_has(
    gateway: Gateway, services: Services, token: str, if_range: str | None, asked: list[str]
) -> None:
    allowed = {"X-Accel-Redirect": "/_s3/homeroom-files/a", "ETag": '"now"'}
    services["files"].answer, services["s3"].answer = answering(headers=allowed), answering(headers={"ETag": '"store"'})
    headers = {"Range": "bytes=1-3"} | ({"If-Range": if_range} if if_range else {})
    await gateway.get("/api/files/files/x/content", token, **headers)
    (seen,) = services["s3"].seen
    assert seen.all("Range") == asked


async def test_a_store_in_trouble_is_a_503_both_ways(gateway: Gateway, services: Services, token: str) -> None:
    """GUARANTEES 30: the client is told to come back, and nothing of what the store says."""

    services["files"].answer, services["s3"].answer = FROM_STORE, answering(status=500, **SAID_BY_STORE)
    for answer in (
        await gateway.get("/api/files/files/x/content", token),
        await gateway.ask("POST", "/blobs/homeroom-files", data=b"x"),
    ):
        problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"]
    services["s3"].answer = answering(status=403, **SAID_BY_STORE)
    problem(await gateway.ask("POST", "/blobs/homeroom-files", data=b"x"), 403, "forbidden")


async def test_no_form_sends_a_browser_elsewhere(gateway: Gateway, services: Services) -> None:
    services["s3"].answer = answering(status=303, headers={"Location": "https://evil.example"})
    answer = await gateway.ask("POST", "/blobs/homeroom-files", data=b"x")
    problem(answer, 400, "bad_request")
    assert "Location" not in answer.headers


async def test_a_blob_that_is_gone_is_a_problem(gateway: Gateway, services: Services, token: str) -> None:
    services["files"].answer, services["s3"].answer = FROM_STORE, answering(status=404, **SAID_BY_STORE)
    answer = await gateway.get("/api/files/files/x/content", token)
    problem(answer, 404, "not_found")
