"""Who answers what: services, replicas, public addresses."""

import asyncio
from uuid import uuid4

import pytest
from aiohttp import web

from gateway.nginx.tests.harness import Gateway, Launch, assert_headers, problem
from gateway.nginx.tests.stubs import SERVICES, Issuer, Services, Stub, answering, free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

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
    ("GET", "/api/auth/password-rule"),
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
    homes: set[str] = set()
    for _ in range(100):
        if len(homes) == 2:
            break
        lecture = uuid4()
        paths = [f"/api/lecture-chat/lectures/{lecture}{rest}" for rest in ("", "/messages?since=1", "/attendance")]
        found = {(await gateway.get(path, token)).json()["replica"] for path in paths}
        assert len(found) == 1
        homes |= found
    assert homes == {"lecture-chat", "lecture-chat-2"}
    spread = {(await gateway.get("/api/lecture-chat/lectures", token)).json()["replica"] for _ in range(30)}
    assert spread == homes
