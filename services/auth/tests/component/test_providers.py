"""Signing in with OpenID Connect, against a real provider; and what a provider, or somebody between, may try."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from yarl import URL

from auth import testing_oidc
from auth.testing import Client, Person, Sql, register, sign_in
from auth.testing_oidc import CLIENT, SECRET, Provider

ORIGIN = {"Origin": "https://localhost:8443"}
Made = dict[str, Any]


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"OIDC_PRIVATE_PROVIDERS": "true", "PUBLIC_URL": "https://localhost:8443"}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with testing_oidc.running() as started:
        yield started


def described(provider: Provider, **more: Any) -> Made:
    return {"name": "Elm ID", "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, **more}


@pytest.fixture
async def made(admin: Person, provider: Provider) -> Made:
    """The provider as elm's admin set it up, with a teacher to sign in."""
    await admin.hire("t@elm.example", "teacher")
    added: Made = await admin.call("POST", "/providers", 201, json=described(provider))
    return added


class Browser:
    """Keeps the cookie of the journey, and follows no redirect by itself."""

    def __init__(self, client: Client, provider_id: str) -> None:
        self.client, self.id, self.cookies = client, provider_id, ""
        self.set_cookies: list[str] = []

    async def leave(self, **query: str) -> URL:
        """To the provider."""
        where = await self._get(f"start?{urlencode(query)}")
        return URL(where)

    async def authorize(self, where: URL) -> dict[str, str]:
        """The person says yes; what the provider sends back."""
        async with aiohttp.ClientSession() as session, session.get(where) as response:
            answer: dict[str, str] = await response.json()
            return answer

    async def come_back(self, answer: dict[str, str]) -> str:
        """Where the browser is sent at last."""
        return await self._get(f"callback?{urlencode(answer)}")

    async def travel(self) -> str:
        """The whole way."""
        return await self.come_back(await self.authorize(await self.leave()))

    async def _get(self, path: str) -> str:
        url = f"/api/auth/oidc/{self.id}/{path}"
        async with self.client.get(url, headers={"Cookie": self.cookies}, allow_redirects=False) as response:
            assert response.status == 303, await response.text()
            self.set_cookies = response.headers.getall("Set-Cookie")
            for cookie in self.set_cookies:
                if cookie.startswith("homeroom_oidc"):
                    self.cookies = cookie.split(";")[0]
            return response.headers["Location"]

    async def person(self) -> Person:
        """Signed in by the refresh cookie that was set."""
        (cookie,) = (one for one in self.set_cookies if one.startswith("homeroom_refresh="))
        headers = {"Cookie": cookie.split(";")[0], **ORIGIN}
        async with self.client.post("/api/auth/refresh", headers=headers) as response:
            assert response.status == 200
            return Person(self.client, "", (await response.json())["access_token"], "")


@pytest.fixture
def browser(client: Client, made: Made) -> Browser:
    return Browser(client, made["id"])


def failed(code: str) -> str:
    return f"/sign-in?error={code}"


async def test_a_teacher_signs_in(
    client: Client, admin: Person, made: Made, browser: Browser, provider: Provider
) -> None:
    school = await admin.school_id()
    assert made["redirect_uri"] == f"https://localhost:8443/api/auth/oidc/{made['id']}/callback"
    async with client.get(f"/api/auth/schools/{school}/sign-in") as response:
        assert await response.json() == {"providers": [{"id": made["id"], "name": "Elm ID"}]}
    where = await browser.leave(return_to="/classrooms?x=1")
    assert where.query["code_challenge_method"] == "S256"
    assert where.query["scope"] == "openid email"
    for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/api/auth/oidc", "Max-Age=600"):
        assert part in browser.set_cookies[0]
    answer = await browser.authorize(where)
    assert await browser.come_back({**answer, "session_state": "x", "hd": "elm.example"}) == "/classrooms?x=1"
    session = next(one for one in browser.set_cookies if one.startswith("homeroom_refresh="))
    for part in ("SameSite=Strict", "HttpOnly", "Secure"):
        assert part in session
    me = await (await browser.person()).call("GET", "/me")
    assert (me["email"], me["role"]) == ("t@elm.example", "teacher")


async def test_the_link_is_the_subject_not_the_address(
    admin: Person, browser: Browser, provider: Provider, sql: Sql
) -> None:
    await browser.travel()
    before = await (await browser.person()).account_id()
    provider.email = "renamed@elsewhere.example"
    assert await browser.travel() == "/"
    assert await (await browser.person()).account_id() == before
    # The address now belongs to somebody else at the provider: that is not the teacher.
    provider.email, provider.subject = "t@elm.example", "subject-2"
    assert await browser.travel() == failed("no_account")
    await admin.call("DELETE", f"/accounts/{before}/identities", 204)
    assert await browser.travel() == "/"
    assert sql("SELECT subject FROM provider_identities") == [("subject-2",)]


async def test_many_first_sign_ins_at_once_make_one_link(client: Client, made: Made, sql: Sql) -> None:
    ways = await asyncio.gather(*(Browser(client, made["id"]).travel() for _ in range(5)))
    assert ways == ["/"] * 5
    assert sql("SELECT count(*) FROM provider_identities") == [(1,)]


async def test_strangers_and_the_deactivated_stay_out(
    admin: Person, browser: Browser, provider: Provider, sql: Sql
) -> None:
    provider.email = "stranger@elm.example"
    assert await browser.travel() == failed("no_account")
    provider.email = "T@ELM.example"
    assert await browser.travel() == "/"
    teacher = await (await browser.person()).account_id()
    await admin.call("DELETE", f"/accounts/{teacher}", 204)
    assert await browser.travel() == failed("no_account")
    assert sql("SELECT count(*) FROM accounts") == [(2,)]


async def test_only_addresses_of_the_named_domains(admin: Person, browser: Browser, provider: Provider) -> None:
    await admin.call("PATCH", f"/providers/{browser.id}", json={"domains": ["Oak.example"]})
    assert await browser.travel() == failed("no_account")
    await admin.call("PATCH", f"/providers/{browser.id}", json={"domains": ["elm.example"], "name": "New"})
    assert await browser.travel() == "/"


def by_another_key(claims: Made) -> str:
    return jwt.encode(claims, rsa.generate_private_key(65_537, 2048), "RS256", {"kid": "key-1"})


def unsigned(claims: Made) -> str:
    return jwt.encode(claims, None, "none", {"kid": "key-1"})  # type: ignore[arg-type]


def by_public_key_as_secret(claims: Made) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "kid": "key-1"}, claims)
    ]
    return ".".join([*parts, "AAAA"])


ATTACKS: dict[str, Made] = {
    "another audience": {"aud": "another client"},
    "several audiences without azp": {"aud": [CLIENT, "other"]},
    "azp of another": {"aud": [CLIENT, "other"], "azp": "other"},
    "azp of another alone": {"azp": "other"},
    "another issuer": {"iss": "https://accounts.google.com"},
    "expired": {"exp": 1_000_000_000},
    "no expiry": {"exp": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "an unverified address": {"email_verified": False},
    "an address verified in words": {"email_verified": "true"},
    "nothing about the address": {"email_verified": None},
    "Microsoft's claim by another": {"email_verified": None, "xms_edov": True},
    "no address": {"email": None},
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_id_token_that_does_not_hold(browser: Browser, provider: Provider, sql: Sql, attack: str) -> None:
    provider.claims = ATTACKS[attack]
    before = sql("SELECT count(*) FROM sessions")
    assert await browser.travel() == failed("sign_in_refused")
    assert sql("SELECT count(*) FROM sessions") == before
    assert not any(cookie.startswith("homeroom_refresh") for cookie in browser.set_cookies)


@pytest.mark.parametrize("forge", [by_another_key, unsigned, by_public_key_as_secret])
async def test_a_signature_that_is_none(browser: Browser, provider: Provider, forge: Any) -> None:
    provider.sign = forge  # type: ignore[method-assign]
    assert await browser.travel() == failed("sign_in_refused")


async def test_a_key_that_is_not_published(browser: Browser, provider: Provider) -> None:
    await browser.travel()
    provider.sign = lambda claims: by_another_key(claims).replace("key-1", "x")  # type: ignore[method-assign]
    before = provider.asked.count("keys")
    for _ in range(3):
        assert await browser.travel() == failed("sign_in_refused")
    assert provider.asked.count("keys") - before <= 1


async def test_a_way_back_that_was_not_begun_here(client: Client, made: Made, browser: Browser) -> None:
    answer = await browser.authorize(await browser.leave())
    assert await Browser(client, made["id"]).come_back(answer) == failed("sign_in_expired")
    assert await browser.come_back({**answer, "state": "another"}) == failed("sign_in_expired")


async def test_a_state_of_another_journey(client: Client, made: Made, browser: Browser) -> None:
    other = Browser(client, made["id"])
    theirs = await other.authorize(await other.leave())
    await browser.leave()
    assert await browser.come_back(theirs) == failed("sign_in_expired")


async def test_a_code_comes_back_once(browser: Browser) -> None:
    answer = await browser.authorize(await browser.leave())
    cookie = browser.cookies
    assert await browser.come_back(answer) == "/"
    assert await browser.come_back(answer) == failed("sign_in_expired")
    browser.cookies = cookie
    assert await browser.come_back(answer) == failed("sign_in_refused")


async def test_a_stolen_code_is_of_no_use(client: Client, made: Made, browser: Browser, provider: Provider) -> None:
    """Injected into the thief's own journey: the verifier, and the nonce, are another's."""
    stolen = (await browser.authorize(await browser.leave()))["code"]
    thief = Browser(client, made["id"])
    own = await thief.authorize(await thief.leave())
    assert await thief.come_back({**own, "code": stolen}) == failed("sign_in_refused")


async def test_providers_are_not_mixed_up(client: Client, admin: Person, made: Made, browser: Browser) -> None:
    async with testing_oidc.running() as evil:
        other = await admin.call("POST", "/providers", 201, json=described(evil))
        answer = await browser.authorize(await browser.leave())
        elsewhere = Browser(client, other["id"])
        elsewhere.cookies = browser.cookies
        assert await elsewhere.come_back(answer) == failed("sign_in_expired")
        assert evil.asked.count("keys") == 0
        answer = await browser.authorize(await browser.leave())
        assert await browser.come_back({**answer, "iss": evil.issuer}) == failed("sign_in_refused")


async def test_a_provider_that_names_itself_must_do_so(client: Client, admin: Person, provider: Provider) -> None:
    await admin.hire("t@elm.example", "teacher")
    provider.document = {"authorization_response_iss_parameter_supported": True}
    browser = Browser(client, (await admin.call("POST", "/providers", 201, json=described(provider)))["id"])
    answer = await browser.authorize(await browser.leave())
    assert await browser.come_back(answer) == failed("sign_in_refused")
    answer = await browser.authorize(await browser.leave())
    assert await browser.come_back({**answer, "iss": provider.issuer}) == "/"


async def test_a_refusal_at_the_provider(browser: Browser) -> None:
    where = await browser.leave()
    assert await browser.come_back({"error": "access_denied", "state": where.query["state"]}) == failed(
        "sign_in_refused"
    )


async def test_a_school_cannot_take_an_account_over_in_another(
    client: Client, admin: Person, provider: Provider, sql: Sql
) -> None:
    """Oak's admin runs a provider that says what they like, and makes elm's admin a member of oak."""
    oak = await register(client, "eve@oak.example")
    await oak.call("POST", "/accounts", 201, json={"email": "ada@elm.example", "name": "A", "role": "student"})
    made = await oak.call("POST", "/providers", 201, json=described(provider))
    provider.email = "ada@elm.example"
    browser = Browser(client, made["id"])
    assert await browser.travel() == "/"
    false = await browser.person()
    me = await false.call("GET", "/me")
    assert (me["role"], me["school_id"]) == ("student", str(await oak.school_id()))
    elm = str(await admin.school_id())
    assert (await false.call("POST", "/switch", 403, json={"school_id": elm}))["code"] == "sign_in_bound"
    assert [row["school_id"] for row in (await false.call("GET", "/me/memberships"))["items"]] == [me["school_id"]]
    (own,) = (await false.call("GET", "/me/sessions"))["items"]
    assert own["current"]
    (theirs,) = (await admin.call("GET", "/me/sessions"))["items"][-1:]
    await false.call("DELETE", f"/me/sessions/{theirs['id']}", 404)
    await false.call("POST", "/me/second-factor", 422, json={"password": "guess"})
    assert sql("SELECT count(*) FROM memberships WHERE joining_code IS NOT NULL") == [(1,)]
    await false.call("DELETE", "/me/sessions", 204)
    await admin.call("GET", "/me")
    # And a provider of elm does not know oak's people, though their addresses are right.
    own_provider = await admin.call("POST", "/providers", 201, json=described(provider))
    provider.email, provider.subject = "eve@oak.example", "eve"
    assert await Browser(client, own_provider["id"]).travel() == failed("no_account")


async def test_removing_a_provider_ends_its_sessions(admin: Person, browser: Browser, client: Client) -> None:
    await browser.travel()
    teacher = await browser.person()
    by_password = await sign_in(client, "t@elm.example")
    await admin.call("DELETE", f"/providers/{browser.id}", 204)
    await teacher.call("GET", "/me", 401)
    await by_password.call("GET", "/me")
    assert (await admin.call("GET", "/providers"))["items"] == []
    async with client.get(f"/api/auth/oidc/{browser.id}/start", allow_redirects=False) as response:
        assert response.status == 404


async def test_the_provider_vouches_instead_of_a_second_factor(admin: Person, browser: Browser, sql: Sql) -> None:
    sql("UPDATE schools SET second_factor = 'staff'")
    assert await browser.travel() == "/"


async def test_secrets_are_neither_shown_nor_stored(admin: Person, made: Made, sql: Sql) -> None:
    assert SECRET not in str(made) + str(await admin.call("GET", "/providers"))
    assert SECRET.encode() not in bytes(sql("SELECT client_secret FROM providers")[0][0])
    assert SECRET not in str(sql("SELECT detail FROM audit_log"))


async def test_a_provider_that_takes_its_secret_in_the_body(client: Client, admin: Person, provider: Provider) -> None:
    await admin.hire("t@elm.example", "teacher")
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}
    made = await admin.call("POST", "/providers", 201, json=described(provider))
    assert await Browser(client, made["id"]).travel() == "/"


@pytest.mark.parametrize("lie", [{"issuer": "https://other.example"}, {"token_endpoint": "http://elm.example/token"}])
async def test_an_issuer_that_is_not_what_it_says(admin: Person, provider: Provider, lie: Made) -> None:
    provider.document = lie
    answer = await admin.call("POST", "/providers", 422, json=described(provider))
    assert answer["errors"][0]["code"] == "issuer_unusable"


async def test_a_provider_that_is_away(client: Client, admin: Person) -> None:
    async with testing_oidc.running() as provider:
        made = await admin.call("POST", "/providers", 201, json=described(provider))
        browser = Browser(client, made["id"])
        answer = await browser.authorize(await browser.leave())
    assert await browser.come_back(answer) == failed("sign_in_refused")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", ""])
async def test_it_returns_to_our_own_pages_alone(client: Client, made: Made, path: str) -> None:
    url = f"/api/auth/oidc/{made['id']}/start"
    async with client.get(url, params={"return_to": path}, allow_redirects=False) as response:
        assert response.status == (422)
