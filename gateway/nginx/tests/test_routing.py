"""Who answers what: services, replicas, sockets, the object store, public addresses."""

import asyncio
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from gateway.nginx.tests.harness import ORIGIN, Gateway, Launch, assert_headers, problem
from gateway.nginx.tests.stubs import SERVICES, Issuer, Services, Stub, answering, free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

FROM_STORE = answering(headers={"X-Accel-Redirect": "/_s3/homeroom-files/a"})
SAID_BY_STORE = {"body": b"<Error><Key>internal</Key></Error>", "content_type": "application/xml"}
PUBLIC = [
    ("POST", "/api/auth/schools"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password-resets"),
    ("POST", "/api/auth/password-resets/abc"),
    ("POST", "/api/auth/invitations/abc/accept"),
    ("POST", "/api/auth/invitations/abc/preview"),
    ("POST", "/api/auth/token"),
    ("POST", "/api/auth/second-factor"),
    ("POST", "/api/auth/second-factor/confirm"),
    ("GET", "/api/auth/schools/abc/sign-in"),
    ("GET", "/api/auth/oidc/abc/start"),
    ("GET", "/api/auth/oidc/abc/callback?code=x&state=y"),
    ("GET", "/api/auth/.well-known/jwks.json"),
    *(("GET", f"/api/{service}/openapi.json") for service in SERVICES),
]
PROTECTED = [
    ("POST", "/api/auth/login/x"),
    ("GET", "/api/auth/me"),
    ("POST", "/api/auth/me/second-factor"),
    ("POST", "/api/auth/me/second-factor/confirm"),
    ("POST", "/api/auth/second-factor/confirm/x"),
    ("DELETE", "/api/auth/accounts/abc/second-factor"),
    ("POST", "/api/auth/tokens"),
    ("GET", "/api/auth/api-tokens"),
    ("GET", "/api/auth/providers"),
    ("GET", "/api/auth/oidc/abc"),
    ("GET", "/api/auth/oidc/a/b/callback"),
    ("GET", "/api/auth/schools/abc"),
    ("POST", "/api/auth/invitations"),
    ("POST", "/api/auth/invitations/a/b/accept"),
    ("POST", "/api/auth/rosters"),
    ("POST", "/api/classroom/rosters"),
    ("GET", "/api/classroom/openapi.jsonx"),
    ("GET", "/api/classroom/.well-known/jwks.json"),
    *(("GET", f"/api/{service}/x") for service in SERVICES),
]


@pytest.mark.parametrize(("method", "path"), PUBLIC)
async def test_public_addresses_need_no_token(gateway: Gateway, services: Services, method: str, path: str) -> None:
    answer = await gateway.ask(method, path, data=b"{}" if method == "POST" else None)
    assert answer.status == 200
    assert [seen.raw_path for seen in services[path.split("/")[2]].seen if "lecture" not in path] in ([path], [])
    assert_headers(answer)


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_all_else_needs_one(gateway: Gateway, services: Services, method: str, path: str) -> None:
    problem(await gateway.ask(method, path), 401, "unauthenticated")
    assert services.seen == []


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_has_its_prefix(gateway: Gateway, services: Services, token: str, service: str) -> None:
    answer = await gateway.get(f"/api/{service}/x?y=1", token)
    assert answer.json()["replica"].startswith(service)
    assert answer.json()["path"] == f"/api/{service}/x?y=1"
    (seen,) = services.seen
    assert seen.all("X-Request-Id") == [answer.headers["X-Request-Id"]]
    (seconds,) = seen.all("X-Gateway-Seconds")
    assert 0 <= float(seconds) < 60
    assert seen.all("Host") == [f"localhost:{gateway.port}"]
    assert_headers(answer)


@pytest.mark.parametrize("path", ["/api/", "/api/x", "/api/authx/", "/api/docsx", "/metrics"])
async def test_unknown_addresses(gateway: Gateway, services: Services, token: str, path: str) -> None:
    problem(await gateway.get(path, token), 404, "not_found")
    assert services.seen == []


async def test_a_service_says_its_own_problems(gateway: Gateway, services: Services, token: str) -> None:
    headers = {
        "Retry-After": "7", "Content-Type": "application/problem+json",
        "X-Content-Type-Options": "own", "Content-Security-Policy": "own", "X-Request-Id": "own",
    }  # fmt: skip
    services["grading"].answer = answering(status=503, body=b'{"code":"own"}', headers=headers)
    answer = await gateway.get("/api/grading/x", token)
    assert (answer.status, answer.json(), answer.headers["Retry-After"]) == (503, {"code": "own"}, "7")
    assert_headers(answer)


async def replicas(issuer: Issuer, count: int) -> list[Stub]:
    return [await Stub(f"replica {number}", issuer).start() for number in range(count)]


async def test_load_is_shared_and_a_dead_replica_is_left_out(launch: Launch, issuer: Issuer) -> None:
    stubs = await replicas(issuer, 2)
    addresses = " ".join([*(stub.address for stub in stubs), f"127.0.0.1:{free_port()}"])
    gateway = await launch(GRADING_SERVERS=addresses)
    token = issuer.token()
    for method in ("GET", "POST"):
        answers = await asyncio.gather(*(gateway.ask(method, "/api/grading/x", token=token) for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
    assert all(len(stub.seen) >= 10 for stub in stubs)
    await stubs[0].stop()
    answers = [await gateway.get("/api/grading/x", token) for _ in range(10)]
    assert {answer.json()["replica"] for answer in answers} == {"replica 1"}
    await stubs[1].stop()
    answer = await gateway.get("/api/grading/x", token)
    problem(answer, 502, "bad_gateway")
    assert answer.headers["Retry-After"] == "5"


async def test_only_what_can_be_repeated_is_repeated(launch: Launch, issuer: Issuer) -> None:
    async def drop(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    bad, good = await replicas(issuer, 2)
    bad.answer = drop
    gateway = await launch(GRADING_SERVERS=f"{bad.address} {good.address}", MAX_FAILS="0")
    token = issuer.token()
    gets = [await gateway.get("/api/grading/x", token) for _ in range(6)]
    assert {answer.status for answer in gets} == {200}
    assert bad.seen
    posts = [await gateway.ask("POST", "/api/grading/x", token=token) for _ in range(6)]
    assert sorted({answer.status for answer in posts}) == [200, 502]
    assert sum(stub.seen[-1].method == "POST" for stub in (bad, good)) == 2
    for stub in (bad, good):
        await stub.stop()


async def test_a_silent_service_is_given_up(launch: Launch, services: Services, issuer: Issuer) -> None:
    async def sleep(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    services["grading"].answer = sleep
    gateway = await launch(READ_TIMEOUT="300ms")
    answer = await gateway.get("/api/grading/x", issuer.token())
    problem(answer, 504, "gateway_timeout")
    assert answer.headers["Retry-After"] == "5"


async def test_a_room_lives_in_one_replica(gateway: Gateway, services: Services, token: str) -> None:
    homes = set()
    for _ in range(12):
        lecture = uuid4()
        paths = [f"/api/lecture-chat/lectures/{lecture}{rest}" for rest in ("", "/messages?since=1", "/attendance")]
        found = {(await gateway.get(path, token)).json()["replica"] for path in paths}
        assert len(found) == 1
        homes |= found
    assert homes == {"lecture-chat", "lecture-chat-2"}
    spread = {(await gateway.get("/api/lecture-chat/lectures", token)).json()["replica"] for _ in range(30)}
    assert spread == homes


async def opened(gateway: Gateway, path: str, token: str, **headers: str) -> tuple[str, str, str]:
    """Open a socket, say something; gives the replica, the chosen subprotocol, the echo."""
    protocols = ("homeroom.v1", f"bearer.{token}")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(gateway.url(path), protocols=protocols, ssl=gateway.trust, headers=headers) as room,
    ):
        replica = await room.receive_str(timeout=3)
        await room.send_str("hello")
        return replica, room.protocol or "", await room.receive_str(timeout=3)


async def refused(gateway: Gateway, path: str, token: str, **headers: str) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await opened(gateway, path, token, **headers)
    return caught.value.status


SOCKETS = [
    "/api/lecture-chat/lectures/0190a5c2-0000-7000-8000-000000000001/socket?since=4",
    "/api/classroom/feed",
    "/api/classroom/assignments/0190a5c2-0000-7000-8000-000000000001/attempts/me/socket",
    "/api/classroom/assignments/0190a5c2-0000-7000-8000-000000000001/monitor",
]


@pytest.mark.parametrize("path", SOCKETS)
async def test_sockets(gateway: Gateway, services: Services, token: str, path: str) -> None:
    replica, protocol, echo = await opened(gateway, path, token, Origin=ORIGIN)
    assert (replica.startswith(path.split("/")[2]), protocol, echo) == (True, "homeroom.v1", "hello")
    (seen,) = services.seen
    assert seen.raw_path == path
    assert seen.all("Authorization") == [f"Bearer {token}"]


async def check_origin(gateway: Gateway, path: str, token: str) -> None:
    assert await refused(gateway, path, token, Origin="https://evil.example") == 403
    assert await refused(gateway, path, token, Origin="null") == 403
    assert await refused(gateway, path, token, Origin=f"{ORIGIN}.evil.example") == 403
    assert gateway.services.seen == []


@pytest.mark.parametrize("path", SOCKETS)
async def test_foreign_origins_open_no_socket(gateway: Gateway, services: Services, token: str, path: str) -> None:
    await check_origin(gateway, path, token)


async def test_without_the_check_they_would(launch: Launch, token: str) -> None:
    broken = await launch(("snippets/socket.conf", "$origin_known = 0", "$origin_known = 7"))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await check_origin(broken, SOCKETS[1], token)


async def test_sockets_need_a_good_token(gateway: Gateway, services: Services, token: str) -> None:
    for bad in ("a.b.c", token[:-4] + "AAAA"):
        assert await refused(gateway, SOCKETS[0], bad, Origin=ORIGIN) == 401
    assert services.seen == []


async def test_a_subprotocol_token_counts_only_with_an_upgrade(
    gateway: Gateway, services: Services, token: str
) -> None:
    answer = await gateway.get("/api/grading/x", **{"Sec-WebSocket-Protocol": f"homeroom.v1, bearer.{token}"})
    problem(answer, 401, "unauthenticated")
    assert services.seen == []


async def test_a_socket_address_wants_an_upgrade(gateway: Gateway, services: Services, token: str) -> None:
    answer = await gateway.get(SOCKETS[1], token)
    problem(answer, 426, "upgrade_required")
    assert answer.headers["Upgrade"] == "websocket"
    assert services.seen == []


async def test_nothing_else_is_upgraded(gateway: Gateway, services: Services, token: str) -> None:
    answer = await gateway.get("/api/grading/x", token, Upgrade="websocket", Connection="Upgrade")
    assert answer.status == 200
    assert services["grading"].seen[0].all("Upgrade") == []
    await gateway.get("/api/grading/x", token, Upgrade="h2c", Connection="Upgrade, HTTP2-Settings")
    assert services["grading"].seen[1].all("Upgrade") == []


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
