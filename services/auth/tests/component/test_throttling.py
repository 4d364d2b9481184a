"""How often somebody may try, and that nobody can be kept out by it."""

from typing import Any

import pytest
from aiohttp import web

from auth import throttle
from auth.resources import AUTH
from auth.testing import PASSWORD, Client, Person, Sql, post, register, sign_in
from auth.throttle import Limit, login_limits
from chassis.errors import TooMany, Unauthenticated

BROWSER = {"Origin": "https://localhost:8443"}


async def try_login(client: Client, password: str, ip: str = "192.0.2.1", **headers: str) -> tuple[int, Any]:
    document = {"email": "ada@elm.example", "password": password}
    async with client.post("/api/auth/login", json=document, headers={"X-Forwarded-For": ip, **headers}) as response:
        return response.status, response.headers.copy()


async def exhaust(client: Client, ip: str = "192.0.2.1") -> None:
    statuses = [(await try_login(client, "wrong", ip))[0] for _ in range(21)]
    assert statuses == [401] * 20 + [429]


async def test_wrong_passwords_are_counted_per_person_and_address(client: Client, admin: Person) -> None:
    await exhaust(client)
    status, headers = await try_login(client, PASSWORD)
    assert status == 429
    assert 1 <= int(headers["Retry-After"]) <= throttle.QUARTER
    assert (await try_login(client, PASSWORD, "192.0.2.2"))[0] == 200
    await post(client, "/login", 401, email="other@elm.example", password="wrong")


async def test_an_address_is_counted_however_it_is_written(client: Client) -> None:
    """The dotted capital İ is an i to the database, and was a person of its own to the counters."""
    await register(client, "iris.miller@elm.example")
    for wrong in ("wrong", "wrong", PASSWORD):
        for email in ("iris.miller@elm.example", " IRIS.miller@elm.example ", "İris.miller@elm.example"):
            document = {"email": email, "password": wrong}
            async with client.post("/api/auth/login", json=document) as response:
                known = email.isascii() and wrong == PASSWORD
                assert response.status == (200 if known else 401), email


async def test_an_unknown_address_is_held_up_alike(client: Client) -> None:
    await exhaust(client)


async def test_a_right_password_costs_nothing(client: Client, admin: Person) -> None:
    for _ in range(25):
        assert (await try_login(client, PASSWORD))[0] == 200


async def test_strangers_do_not_lock_a_known_browser_out(client: Client, admin: Person) -> None:
    _, headers = await try_login(client, PASSWORD, **BROWSER)
    cookies = headers.getall("Set-Cookie")
    [device] = [cookie for cookie in cookies if cookie.startswith("homeroom_device=")]
    assert all(part in device for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/api/auth/login"))
    client.session.cookie_jar.clear()
    await exhaust(client)
    own = {**BROWSER, "Cookie": device.partition(";")[0]}
    assert (await try_login(client, PASSWORD, **own))[0] == 200
    client.session.cookie_jar.clear()
    for _ in range(20):
        assert (await try_login(client, "wrong", **own))[0] == 401
    assert (await try_login(client, PASSWORD, **own))[0] == 429


async def test_the_cookie_of_one_person_is_of_no_use_for_another(client: Client, admin: Person) -> None:
    await register(client, "eve@oak.example")
    document = {"email": "eve@oak.example", "password": PASSWORD}
    async with client.post("/api/auth/login", json=document, headers=BROWSER) as response:
        [device] = [cookie for cookie in response.headers.getall("Set-Cookie") if cookie.startswith("homeroom_device")]
    client.session.cookie_jar.clear()
    await exhaust(client)
    for cookie in (device.partition(";")[0], "homeroom_device=forged"):
        assert (await try_login(client, PASSWORD, Cookie=cookie))[0] == 429


async def test_many_addresses_together_are_slowed_down(app: web.Application, client: Client, admin: Person) -> None:
    limits = app[AUTH].throttle
    for number in range(100):
        with pytest.raises(Unauthenticated):
            async with limits.attempt(login_limits("ada@elm.example", f"198.51.100.{number}", None)):
                raise Unauthenticated
    assert (await try_login(client, PASSWORD))[0] == 429
    await limits.count(login_limits("ada@elm.example", "192.0.2.1", "her laptop"))


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "unix:", False),
    ],
)
def test_one_line_is_one_address(first: str, second: str, alike: bool) -> None:
    assert (throttle.network(first) == throttle.network(second)) is alike


async def test_tries_at_the_same_moment_count_too(app: web.Application, client: Client) -> None:
    limits = app[AUTH].throttle
    few = [Limit("few", 2, 60, ("x",))]
    async with limits.attempt(few), limits.attempt(few):
        with pytest.raises(TooMany):
            await limits.count(few)
    await limits.count(few)


async def test_one_token_is_refreshed_only_so_often(client: Client, admin: Person) -> None:
    for _ in range(100):
        await post(client, "/refresh", 200, refresh_token=admin.refresh_token)
    assert (await post(client, "/refresh", 429, refresh_token=admin.refresh_token))["code"] == "too_many_tries"


async def test_wishes_for_letters_are_limited_per_address(client: Client) -> None:
    for _ in range(5):
        await post(client, "/password-resets", 204, email="a@elm.example")
    await post(client, "/password-resets", 429, email="a@elm.example")
    async with client.post(
        "/api/auth/password-resets", json={"email": "a@elm.example"}, headers={"X-Forwarded-For": "192.0.2.9"}
    ) as response:
        assert response.status == 204


class TestWithoutRedis:
    """Nobody is held up."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"REDIS_URL": "redis://127.0.0.1:9/0"}

    @pytest.fixture
    def fresh_counters(self) -> None:
        return None

    async def test_everybody_is_let_through(self, client: Client, admin: Person) -> None:
        for _ in range(22):
            assert (await try_login(client, "wrong"))[0] == 401
        assert (await try_login(client, PASSWORD))[0] == 200


async def test_a_stolen_session_does_not_guess_the_password(client: Client, admin: Person) -> None:
    """At every door that asks for it; another session of the owner is not held up."""
    doors = [
        ("/me/password", {"current_password": "wrong", "new_password": "another password entirely"}),
        ("/me/second-factor", {"password": "wrong"}),
    ]
    for number in range(10):
        path, document = doors[number % 2]
        assert (await admin.call("POST", path, 422, json=document))["code"] == "wrong_password"
    for path, document in doors:
        assert (await admin.call("POST", path, 429, json=document))["code"] == "too_many_tries"
    owner = await sign_in(client, admin.email)
    for _ in range(12):
        await owner.call("POST", "/me/password", 204, json={"current_password": PASSWORD, "new_password": PASSWORD})


async def test_a_school_floods_no_mailbox(client: Client, admin: Person, sql: Sql) -> None:
    """Anybody may register a school."""
    guest = {"email": "guest@oak.example", "name": "Guest", "role": "student"}
    for _ in range(3):
        made = await admin.call("POST", "/invitations", 201, json=guest)
    for _ in range(2):
        await admin.call("POST", f"/invitations/{made['id']}/resend")
    assert (await admin.call("POST", f"/invitations/{made['id']}/resend", 429))["code"] == "too_many_tries"
    await admin.call("POST", "/invitations", 429, json=guest | {"email": "GUEST@oak.example"})
    assert sql("SELECT count(*) FROM mails") == [(5,)]
    await admin.call("POST", "/invitations", 201, json=guest | {"email": "other@oak.example"})
    elsewhere = await register(client, "eve@oak.example")
    await elsewhere.call("POST", "/invitations", 201, json=guest)
