"""Sockets: from where, by whom, and by nothing but an upgrade."""

import aiohttp
import pytest

from gateway.nginx.tests.harness import ORIGIN, PATIENCE, Gateway, Launch, problem
from gateway.nginx.tests.stubs import Services

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def opened(gateway: Gateway, path: str, token: str, **headers: str) -> tuple[str, str, str]:
    """Open a socket, say something; gives the replica, the chosen subprotocol, the echo."""
    protocols = ("homeroom.v1", f"bearer.{token}")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(gateway.url(path), protocols=protocols, ssl=gateway.trust, headers=headers) as room,
    ):
        replica = await room.receive_str(timeout=PATIENCE)
        await room.send_str("hello")
        return replica, room.protocol or "", await room.receive_str(timeout=PATIENCE)


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


@pytest.mark.parametrize("connection", ["keep-alive", "close", "upgraded", "x-upgrade", ""])
async def test_connection_has_to_ask_for_the_upgrade_too(
    gateway: Gateway, services: Services, token: str, connection: str
) -> None:
    headers = {"Upgrade": "websocket", "Connection": connection, "Sec-WebSocket-Version": "13"}
    problem(await gateway.get(SOCKETS[1], token, **headers), 426, "upgrade_required")
    assert services.seen == []


@pytest.mark.parametrize("connection", ["Upgrade", "keep-alive, Upgrade", "upgrade,close"])
async def test_connection_may_ask_for_more(gateway: Gateway, token: str, connection: str) -> None:
    answer = await gateway.raw(
        f"GET {SOCKETS[1]} HTTP/1.1\nHost: localhost\nAuthorization: Bearer {token}\nConnection: {connection}\n"
        "Upgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n"
    )
    assert answer.status == 101


async def test_nothing_else_is_upgraded(gateway: Gateway, services: Services, token: str) -> None:
    answer = await gateway.get("/api/grading/x", token, Upgrade="websocket", Connection="Upgrade")
    assert answer.status == 200
    assert services["grading"].seen[0].all("Upgrade") == []
    await gateway.get("/api/grading/x", token, Upgrade="h2c", Connection="Upgrade, HTTP2-Settings")
    assert services["grading"].seen[1].all("Upgrade") == []
