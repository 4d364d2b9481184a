"""Where an admin's provider may lead us, and where not."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from auth.providers import network
from auth.providers.network import Refused, checked, is_public

PRIVATE = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1"]
CARRIED = ["::ffff:10.0.0.1", "fe80::1", "fd00::1", "64:ff9b::a00:1", "2002:a00:1::1", "::", "ff02::1"]


@pytest.mark.parametrize("address", PRIVATE + CARRIED)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Refused):
        checked(f"https://[{address}]/" if ":" in address else f"https://{address}/", private=False)


def test_public_addresses() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700:4700::1111")
    assert checked("https://accounts.google.com/x", private=False).host == "accounts.google.com"


@pytest.mark.parametrize(
    "address",
    [
        "http://elm.example",
        "ftp://elm.example",
        "https://a:b@elm.example",
        "https://elm.example/#x",
        "//x",
        "",
        "https://",
    ],
)
@pytest.mark.parametrize("private", [True, False])
def test_what_is_no_plain_https(address: str, private: bool) -> None:
    with pytest.raises(Refused):
        checked(address, private=private)


def test_http_on_loopback_only_where_allowed() -> None:
    assert checked("http://127.0.0.1:8080/x", private=True).port == 8080
    for address in ("http://127.0.0.1:8080/x", "http://localhost/"):
        with pytest.raises(Refused):
            checked(address, private=False)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_inside_is_not_asked(host: str) -> None:
    async with network.opened(private=False) as outside:
        with pytest.raises(Refused):
            await outside.ask("GET", f"https://{host}:1/")


@pytest.mark.parametrize("private", [True, False])
async def test_what_no_host_is_called_is_refused(private: bool) -> None:
    async with network.opened(private=private) as outside:
        with pytest.raises(Refused):
            await outside.ask("GET", f"https://{'x' * 64}.example/")


@pytest.mark.parametrize("path", ["redirect", "large", "list", "text", "missing"])
async def test_answers_that_are_not_taken(path: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        match request.match_info["what"]:
            case "redirect":
                raise web.HTTPFound("/good")
            case "large":
                return web.json_response({"x": "x" * 600_000})
            case "list":
                return web.json_response([])
            case "text":
                return web.Response(text="{")
            case "good":
                return web.json_response({})
        raise web.HTTPNotFound

    app = web.Application()
    app.router.add_get("/{what}", answer)
    async with TestServer(app) as server, network.opened(private=True) as outside:
        assert await outside.ask("GET", str(server.make_url("/good"))) == {}
        with pytest.raises(Refused):
            await outside.ask("GET", str(server.make_url(f"/{path}")))
