"""Guarantees 34-36: what an attacker can write on the wire reaches no service, or reaches it harmless.

Each check is run against the gateway, and against one that lacks the guard, where it must fail.
"""

import pytest

from gateway.nginx.tests.harness import Edit, Gateway, Launch, problem
from gateway.nginx.tests.stubs import Issuer, Services

pytestmark = pytest.mark.asyncio(loop_scope="session")

AMBIGUOUS = [
    "//api/grading/x",
    "/api/grading//x",
    "/api/auth/..%2fgrading/x",
    "/api/auth/..%2Fgrading/x",
    "/api/auth/%2e%2e/grading/x",
    "/api/auth/%2E%2E/grading/x",
    "/api/auth/../grading/x",
    "/api/grading/.",
    "/api/grading/./x",
    "/api/auth/login/..",
    "/api/auth/..?x",
    "/api/auth/;a/../grading/x",
    "/api/grading/x;a=b",
    "/api/grading/x%3ba",
    "/api/auth/..%5cgrading",
    "/api/auth/\\grading",
    "/api/grading/%252e%252e/x",
    "/api/grading/%00",
    "/api/grading/x#y",
    "/blobs/homeroom-files/..%2fother",
]


def request_line(raw_path: str, token: str, *more: str, method: str = "GET") -> str:
    lines = (f"{method} {raw_path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", *more)
    return "\n".join((*lines, "Connection: close", "", ""))


async def check_path(gateway: Gateway, raw_path: str, token: str) -> None:
    gateway.services.forget()
    problem(await gateway.raw(request_line(raw_path, token)), 400, "bad_request")
    assert gateway.services.seen == []


@pytest.mark.parametrize("raw_path", AMBIGUOUS)
async def test_ambiguous_paths_are_refused(gateway: Gateway, services: Services, token: str, raw_path: str) -> None:
    await check_path(gateway, raw_path, token)


async def test_without_the_table_ambiguous_paths_get_through(launch: Launch, token: str) -> None:
    broken = await launch(("conf.d/requests.conf", 'map "$bad_path$upgrade', 'map "0$upgrade'))
    for raw_path in ("//api/grading/x", "/api/auth/..%2fgrading/x", "/api/grading/x;a=b"):
        with pytest.raises(AssertionError):
            await check_path(broken, raw_path, token)


@pytest.mark.parametrize(
    "raw_path", ["/api/grading/a%20b", "/api/grading/caf%C3%A9", "/api/grading/x?a=//..;%2f", "/api/grading/..x"]
)
async def test_the_raw_address_reaches_the_service_unchanged(
    gateway: Gateway, services: Services, token: str, raw_path: str
) -> None:
    assert (await gateway.get(raw_path, token)).status == 200
    assert [seen.raw_path for seen in services["grading"].seen] == [raw_path]


FORGED = {
    "X-User-Id": "forged", "X-Account-Id": "forged", "X-School-Id": "forged", "X-Role": "forged",
    "X-Session-Id": "forged", "X-Original-URI": "/forged", "X-Original-URL": "/forged", "X-Rewrite-URL": "/forged",
    "X-Credential": "forged", "X_User_Id": "forged", "X_Forwarded_For": "forged", "X-Forwarded-For": "forged",
    "X-Forwarded-Proto": "forged", "X-Real-IP": "forged", "Forwarded": "for=forged", "X-Request-Id": "forged",
    "traceparent": "forged", "X-HTTP-Method-Override": "forged", "X-Gateway-Seconds": "forged",
}  # fmt: skip


async def check_stripped(gateway: Gateway, path: str, token: str) -> None:
    gateway.services.forget()
    forged = [f"{name}: {value}" for name, value in FORGED.items()]
    await gateway.raw(request_line(path, token, *forged))
    (seen,) = gateway.services.seen
    assert "forged" not in str(seen.headers)
    assert seen.all("X-Forwarded-For") == ["127.0.0.1"]
    assert seen.all("X-Forwarded-Proto") == ["https"]
    assert len(seen.all("X-Request-Id")[0]) == 32


@pytest.mark.parametrize("path", ["/api/grading/x", "/api/auth/login", "/api/auth/rosters", "/api/files/x"])
async def test_identity_headers_are_stripped(gateway: Gateway, token: str, path: str) -> None:
    await check_stripped(gateway, path, token)


async def test_one_header_set_beside_the_common_ones_would_let_forged_ones_through(launch: Launch, token: str) -> None:
    """`proxy_set_header` in a nested place drops all inherited ones."""
    guard = "include snippets/protected.conf;\n    proxy_pass http://grading;"
    nested = "auth_request /_verdict;\n    proxy_set_header X-Request-Id $request_id;\n    proxy_pass http://grading;"
    broken = await launch(("snippets/routes_grading.conf", guard, nested))
    with pytest.raises(AssertionError):
        await check_stripped(broken, "/api/grading/x", token)


async def check_doubled(gateway: Gateway, issuer: Issuer) -> None:
    gateway.services.forget()
    twice = request_line("/api/grading/x", issuer.token(), f"Authorization: Bearer {issuer.token()}")
    problem(await gateway.raw(twice), 400, "bad_request")
    assert gateway.services.seen == []


async def test_two_authorizations_are_refused(gateway: Gateway, issuer: Issuer) -> None:
    await check_doubled(gateway, issuer)


async def test_joined_authorizations_are_none(gateway: Gateway, services: Services, issuer: Issuer) -> None:
    """What newer versions make of two lines, should they let them pass."""
    joined = request_line("/api/grading/x", f"{issuer.token()}, Bearer {issuer.token()}")
    problem(await gateway.raw(joined), 401, "unauthenticated")
    assert services.seen == []


def handshake(path: str, *more: str) -> str:
    lines = (
        f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *more,
    )  # fmt: skip
    return "\n".join((*lines, "", ""))


async def check_two_credentials(gateway: Gateway, issuer: Issuer) -> None:
    gateway.services.forget()
    both = (f"Authorization: Bearer {issuer.token()}", f"Sec-WebSocket-Protocol: homeroom.v1, bearer.{issuer.token()}",
            "Connection: close")  # fmt: skip
    problem(await gateway.raw(handshake("/api/classroom/feed", *both)), 400, "bad_request")
    assert gateway.services.seen == []


NO_CREDENTIAL_CHECK: Edit = (
    "conf.d/requests.conf", '"$bad_path$upgrade_with_body$two_credentials"', '"${bad_path}${upgrade_with_body}0"',
)  # fmt: skip


async def test_a_header_and_a_subprotocol_token_together_are_refused(gateway: Gateway, issuer: Issuer) -> None:
    await check_two_credentials(gateway, issuer)


async def test_without_the_check_both_would_pass(launch: Launch, issuer: Issuer) -> None:
    broken = await launch(NO_CREDENTIAL_CHECK)
    broken.services["classroom"].answer = None
    with pytest.raises(AssertionError, match="101"):
        await check_two_credentials(broken, issuer)


async def test_the_service_gets_exactly_the_judged_credential(gateway: Gateway, services: Services, token: str) -> None:
    await gateway.ask("GET", "/api/grading/x", headers={"Authorization": f"bearer {token}"})
    await gateway.get("/api/auth/openapi.json", "un.jud.ged")
    assert services["grading"].seen[0].all("Authorization") == [f"Bearer {token}"]
    assert services["auth"].seen[0].all("Authorization") == []


SMUGGLED = {
    "both lengths": ("Content-Length: 4", "Transfer-Encoding: chunked"),
    "both lengths, other order": ("Transfer-Encoding: chunked", "Content-Length: 4"),
    "two lengths": ("Content-Length: 4", "Content-Length: 5"),
    "two encodings": ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "odd encoding": ("Transfer-Encoding: xchunked",),
    "odd length": ("Content-Length: +4",),
    "folded": ("Transfer-Encoding:", " chunked", "Content-Length: 4"),
    "space before colon": ("Transfer-Encoding : chunked",),
}


@pytest.mark.parametrize("lines", SMUGGLED.values(), ids=SMUGGLED.keys())
async def test_bodies_of_two_lengths_are_refused(
    gateway: Gateway, services: Services, token: str, lines: tuple[str, ...]
) -> None:
    answer = await gateway.raw(request_line("/api/grading/x", token, *lines, method="POST") + "0\n\n")
    if answer.status == 200:  # nginx drops a header line it cannot read: then the service must not see it either
        assert not services.seen[0].all("Transfer-Encoding")
    else:
        assert answer.status in {400, 501}
        problem(answer, answer.status, {400: "bad_request", 501: "not_implemented"}[answer.status])
        assert services.seen == []


async def check_upgrade_body(gateway: Gateway, token: str, *lines: str) -> None:
    gateway.services.forget()
    credential = f"Sec-WebSocket-Protocol: homeroom.v1, bearer.{token}"
    answer = await gateway.raw(handshake("/api/classroom/feed", credential, *lines) + "0\n\n")
    problem(answer, 400, "bad_request")
    assert gateway.services.seen == []


@pytest.mark.parametrize("line", ["Content-Length: 4", "Transfer-Encoding: chunked"])
async def test_an_upgrade_with_a_body_is_refused(gateway: Gateway, token: str, line: str) -> None:
    await check_upgrade_body(gateway, token, line)


async def test_without_the_check_an_upgrade_with_a_body_would_pass(launch: Launch, token: str) -> None:
    edit = ("conf.d/requests.conf", '"$bad_path$upgrade_with_body$two_credentials"', '"${bad_path}0$two_credentials"')
    broken = await launch(edit)
    with pytest.raises(AssertionError, match="101"):
        await check_upgrade_body(broken, token, "Content-Length: 4")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
async def test_trace_and_connect_are_refused(gateway: Gateway, services: Services, token: str, method: str) -> None:
    answer = await gateway.raw(request_line("/api/grading/x", token, method=method))
    assert answer.status in {400, 405}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert services.seen == []


@pytest.mark.parametrize("line", ["nonsense", "GET", "GET / HTTP/9.9", "\x01\x02\x03", "GET /\x01 HTTP/1.1"])
async def test_nonsense_is_answered_by_a_problem(gateway: Gateway, services: Services, line: str) -> None:
    answer = await gateway.raw(f"{line}\nHost: localhost\nConnection: close\n\n")
    problem(answer, answer.status, {400: "bad_request", 505: "version_not_supported"}[answer.status])
    assert services.seen == []
