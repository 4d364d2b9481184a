"""Guarantee 37 and the token check: only a good token passes, no verdict outlives its token, no fault opens a door."""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.nginx.tests.harness import Edit, Gateway, Launch, problem, until
from gateway.nginx.tests.stubs import Issuer, Services

pytestmark = pytest.mark.asyncio(loop_scope="session")


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_stranger(issuer: Issuer, **headers: Any) -> str:
    """A token that is right in everything but its key."""
    return jwt.encode(issuer.claims(), ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": issuer.kid, **headers})


def carrying_its_key(issuer: Issuer) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = {**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": issuer.kid}
    headers = {"kid": issuer.kid, "jwk": jwk, "jku": "https://evil.example/jwks.json", "x5u": "https://evil.example/x"}
    return jwt.encode(issuer.claims(), key, "ES256", headers)


def by_public_key_as_secret(issuer: Issuer) -> str:
    """The classic confusion: HS256 with the published key as its secret."""
    pem = (
        issuer.keys[issuer.kid]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': issuer.kid})}.{encoded(issuer.claims())}"
    mac = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_rsa(issuer: Issuer) -> str:
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(issuer.claims(), key, "RS256", {"kid": issuer.kid})


def unsigned(issuer: Issuer) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': issuer.kid})}.{encoded(issuer.claims())}.AA"


def signed_as_it_is(issuer: Issuer, **changed: Any) -> str:
    """Signed without PyJWT's own checks of the claims."""
    payload = json.dumps(issuer.claims(**changed)).encode()
    return jwt.api_jws.encode(payload, issuer.keys[issuer.kid], "ES256", {"kid": issuer.kid, "typ": "JWT"})


def altered(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{encoded(issuer.claims(role='admin'))}.{signature}"


def zero_signature(issuer: Issuer) -> str:
    head, claims, _ = issuer.token().split(".")
    return f"{head}.{claims}.{'A' * 86}"


BAD: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 1),
    "no exp": lambda issuer: issuer.token(exp=None),
    "exp a string": lambda issuer: signed_as_it_is(issuer, exp="9999999999"),
    "exp beyond numbers": lambda issuer: signed_as_it_is(issuer, exp=float("inf")),
    "nbf a string": lambda issuer: signed_as_it_is(issuer, nbf="1"),
    "not yet": lambda issuer: issuer.token(nbf=int(time.time()) + 60),
    "other issuer": lambda issuer: issuer.token(iss="https://evil.example"),
    "other audience": lambda issuer: issuer.token(aud="elsewhere"),
    "no audience": lambda issuer: issuer.token(aud=None),
    "no subject": lambda issuer: issuer.token(sub=None),
    "unknown kid": lambda issuer: issuer.token(headers={"kid": "unknown"}),
    "no kid": lambda issuer: jwt.encode(issuer.claims(), issuer.keys[issuer.kid], "ES256"),
    "crit": lambda issuer: issuer.token(headers={"crit": ["exp"]}),
    "typ": lambda issuer: issuer.token(headers={"typ": "refresh+jwt"}),
    "stranger's key": by_stranger,
    "its own key": carrying_its_key,
    "HS256": by_public_key_as_secret,
    "RS256": by_rsa,
    "none": unsigned,
    "altered": altered,
    "zero signature": zero_signature,
    "two parts": lambda issuer: issuer.token().rsplit(".", 1)[0],
    "nonsense": lambda issuer: "a.b.c",
    "empty": lambda issuer: "",
}


async def check_refused(gateway: Gateway, token: str) -> None:
    gateway.services.forget()
    answer = await gateway.ask("GET", "/api/grading/x", headers={"Authorization": f"Bearer {token}"})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert gateway.services.seen == []


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
async def test_bad_tokens_are_refused(
    gateway: Gateway, services: Services, issuer: Issuer, make: Callable[[Issuer], str]
) -> None:
    """GUARANTEES 39, 40."""
    await check_refused(gateway, make(issuer))


GUARDS: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "signature": (
        ("njs/jwt.js", "key && (await signed(parts, key))", "key"),
        ("stranger's key", "its own key", "altered"),
    ),
    "claims": (
        ("njs/jwt.js", "!claims || !claimsHold(", "!claims || !(() => true)("),
        ("expired", "not yet", "other issuer", "other audience", "no subject"),
    ),
    "critical extensions": (("njs/jwt.js", "header.crit === undefined", "true"), ("crit",)),
    "type": (("njs/jwt.js", "TYPES.indexOf(header.typ.toLowerCase()) >= 0", "true"), ("typ",)),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_without_a_guard_its_tokens_pass(launch: Launch, issuer: Issuer, guard: str) -> None:
    """Control of GUARANTEES 39, 40."""
    edit, kinds = GUARDS[guard]
    broken = await launch(edit)
    for kind in kinds:
        with pytest.raises(AssertionError):
            await check_refused(broken, BAD[kind](issuer))


@pytest.mark.parametrize("changed", [{}, {"aud": ["other", "homeroom"]}, {"nbf": 1}])
async def test_good_tokens_pass(gateway: Gateway, issuer: Issuer, changed: dict[str, Any]) -> None:
    assert (await gateway.get("/api/grading/x", issuer.token(**changed))).status == 200


async def test_a_token_may_expire_within_a_second(gateway: Gateway, issuer: Issuer) -> None:
    token = issuer.token(exp=time.time() + 60.5)
    assert (await gateway.get("/api/grading/x", token)).status == 200


async def test_no_token_at_all(gateway: Gateway, services: Services) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Sec-WebSocket-Protocol": "homeroom.v1, bearer.a.b.c"}):
        problem(await gateway.ask("GET", "/api/classroom/feedback", headers=headers), 401, "unauthenticated")
    assert services.seen == []


# How often the check itself ran: each run leaves a line in the error log.
COUNTED: Edit = ("njs/jwt.js", "async function verdict(r) {", "async function verdict(r) { r.error('judging');")


def judged(gateway: Gateway) -> int:
    return (gateway.folder / "error.log").read_text().count("judging")


async def test_a_verdict_is_made_once(launch: Launch, issuer: Issuer) -> None:
    gateway = await launch(COUNTED)
    token = issuer.token()
    for _ in range(3):
        assert (await gateway.get("/api/grading/x", token)).status == 200
    assert judged(gateway) == 1
    assert (await gateway.get("/api/grading/x", issuer.token())).status == 200
    assert judged(gateway) == 2


# A verification that lasts as long as somebody wants, and waiters that wait for its end.
LASTING: Edit = ("snippets/verdict.conf", "proxy_read_timeout 2s", "proxy_read_timeout 60s")
PATIENT: Edit = (
    "snippets/verdict.conf",
    "proxy_cache_lock_timeout 5ms",
    "proxy_cache_lock_age 60s; proxy_cache_lock_timeout 60s",
)
UNLOCKED: Edit = ("snippets/verdict.conf", "proxy_cache_lock on", "proxy_cache_lock off")


@pytest.mark.parametrize(
    ("edits", "alone"),
    [
        pytest.param((PATIENT,), True, id="who waits gets the first one's verdict"),
        pytest.param((), False, id="nobody waits for long"),
        pytest.param((PATIENT, UNLOCKED), False, id="control: without the lock"),
    ],
)
async def test_a_crowd_with_one_token(
    launch: Launch, folder: Path, issuer: Issuer, edits: tuple[Edit, ...], alone: bool
) -> None:
    """No verification ends before all have asked."""
    gate = folder / "gate" / secrets.token_hex(4)
    gate.mkdir(parents=True)
    gateway = await launch(COUNTED, LASTING, while_empty(gate), *edits)
    (gate / "open").touch()
    assert (await gateway.get("/api/grading/x", issuer.token())).status == 200  # the keys are known now
    (gate / "open").unlink()
    before, token = judged(gateway), issuer.token()
    asked = f"GET /api/grading/x HTTP/1.1\nHost: x\nAuthorization: Bearer {token}\nConnection: close\n\n"
    crowd = [await gateway.sent(asked) for _ in range(50)]
    await until(lambda: judged(gateway) - before > (0 if alone else 1))
    (gate / "open").touch()
    assert {(await answer).status for answer in crowd} == {200}
    assert (judged(gateway) - before == 1) is alone


def while_empty(gate: Path) -> Edit:
    """Each verification lasts until there is something in the folder."""
    pause = f"while (!require('fs').readdirSync('{gate}').length) await new Promise((done) => setTimeout(done, 20));"
    return ("njs/jwt.js", "r.error('judging');", f"r.error('judging'); {pause}")


async def welcome(gateway: Gateway, issuer: Issuer) -> tuple[str, float]:
    """A token that was let in, and when it expires: soon, unless the machine was too slow to ask before."""
    for seconds in (1.6, 6, 30):
        expiry = time.time() + seconds
        token = issuer.token(exp=expiry)
        if (await gateway.get("/api/grading/x", token)).status == 200:
            return token, expiry
        assert time.time() >= expiry
    raise TimeoutError("every token expired before it was judged")


async def check_never_outlives(gateway: Gateway, issuer: Issuer) -> None:
    token, expiry = await welcome(gateway, issuer)
    while time.time() < expiry + 0.05:
        began = time.time()
        status = (await gateway.get("/api/grading/x", token)).status
        assert status == 200 or time.time() >= expiry
        assert status == 401 or began < expiry
    assert (await gateway.get("/api/grading/x", token)).status == 401


async def test_a_cached_verdict_never_outlives_its_token(gateway: Gateway, issuer: Issuer) -> None:
    """GUARANTEES 40."""
    await check_never_outlives(gateway, issuer)


async def test_with_a_fixed_lifetime_it_would(launch: Launch, issuer: Issuer) -> None:
    """Control of GUARANTEES 40."""
    broken = await launch(("njs/jwt.js", "Math.floor(claims.exp) - 1", "Infinity"))
    with pytest.raises(AssertionError):
        await check_never_outlives(broken, issuer)


async def check_fails_closed(gateway: Gateway, issuer: Issuer) -> None:
    gateway.services.forget()
    answer = await gateway.get("/api/grading/x", issuer.token())  # within the harness's patience
    assert answer.status >= 500
    problem(answer, answer.status, "internal_error")
    assert gateway.services.seen == []


FAULTS: dict[str, Edit] = {
    "the check throws": ("njs/jwt.js", "const now = Date.now() / 1000;", "throw new Error('broken');"),
    "the check answers nonsense": ("njs/jwt.js", "r.return(204);", "r.return(302, '/');"),
    "the check hangs": ("njs/jwt.js", "const now = Date.now() / 1000;", "await new Promise(() => {});"),
    "nobody listens": ("conf.d/verdict.conf", "verdict.sock;\n    keepalive", "nobody.sock;\n    keepalive"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_failing_check_lets_nobody_in(launch: Launch, issuer: Issuer, fault: Edit) -> None:
    await check_fails_closed(await launch(fault), issuer)


async def test_a_check_that_shrugs_would_let_everybody_in(launch: Launch, issuer: Issuer) -> None:
    fault = FAULTS["the check throws"]
    shrug: Edit = ("njs/jwt.js", "r.return(500);", "r.return(204);")
    broken = await launch(fault, shrug)
    with pytest.raises(AssertionError):
        await check_fails_closed(broken, issuer)


async def test_without_the_issuer_nobody_new_gets_in(launch: Launch, issuer: Issuer) -> None:
    gateway = await launch(AUTH_SERVERS="127.0.0.1:9")
    await check_fails_closed(gateway, issuer)


async def test_a_hanging_issuer_lets_nobody_in(launch: Launch, services: Services, issuer: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        await check_fails_closed(await launch(AUTH_SERVERS=address), issuer)


async def test_known_keys_survive_the_issuers_absence(launch: Launch, services: Services, issuer: Issuer) -> None:
    gateway = await launch(JWKS_TTL="1s")
    assert (await gateway.get("/api/grading/x", issuer.token())).status == 200
    await services["auth"].stop()
    try:
        gone = time.monotonic()
        await until(lambda: time.monotonic() - gone > 2.1)
        assert (await gateway.get("/api/grading/x", issuer.token())).status == 200
        answer = await gateway.get("/api/grading/x", issuer.token(headers={"kid": "unknown"}))
        assert answer.status == 500  # it cannot be known whether such a key was published since
    finally:
        await services["auth"].start()


async def test_a_rotated_key_is_known_at_once_and_unknown_ones_ask_seldom(
    launch: Launch, services: Services, issuer: Issuer
) -> None:
    gateway = await launch(("conf.d/verdict.conf", "proxy_cache_valid 200 5s", "proxy_cache_valid 200 1h"))
    assert (await gateway.get("/api/grading/x", issuer.token())).status == 200
    before = services["auth"].jwks_asked
    issuer.rotate()
    assert (await gateway.get("/api/grading/x", issuer.token())).status == 200
    for number in range(10):
        assert (await gateway.get("/api/grading/x", issuer.token(headers={"kid": f"no{number}"}))).status == 401
    assert services["auth"].jwks_asked - before == 1


async def test_the_internal_addresses_are_not_public(gateway: Gateway, services: Services, token: str) -> None:
    for path in ("/_verdict", "/_problem", "/jwks", "/_s3/homeroom-files/x", "/@blob_gone", "/metrics", "/readyz"):
        assert (await gateway.get(path, token)).status == 404, path
    assert services.seen == []


async def test_an_upstream_answer_cannot_reach_the_object_store_by_itself(
    gateway: Gateway, services: Services, token: str
) -> None:
    """X-Accel-Redirect is the services' to say, never the client's."""
    await gateway.get("/api/files/files/x/content", token, **{"X-Accel-Redirect": "/_s3/homeroom-files/secret"})
    assert services["s3"].seen == []
