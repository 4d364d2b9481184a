"""Access tokens: what is refused, and for how long a verdict is believed (GUARANTEES 39, 40)."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.errors import Unauthenticated, Unavailable
from chassis.identity import KeySet, Revocations, Role, Verifier
from chassis.testing import PATIENCE_SECONDS, Issuer, eventually, uuid7


class Source:
    """Counts how often the keys are asked for."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.fetched = 0
        self.away = False
        self.seconds = 0.0
        self.answers = asyncio.Event()
        self.answers.set()
        self.document: Any = None

    async def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        await asyncio.sleep(self.seconds)
        await self.answers.wait()
        if self.away:
            raise TimeoutError
        return self.issuer.jwks() if self.document is None else self.document


@pytest.fixture
def signer() -> Issuer:
    return Issuer()


@pytest.fixture
def source(signer: Issuer) -> Source:
    return Source(signer)


@pytest.fixture
def verifier(source: Source) -> Verifier:
    return Verifier(KeySet(source), "https://homeroom", "homeroom", Revocations())


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    good: dict[str, Any] = {
        "iss": "https://homeroom",
        "aud": "homeroom",
        "sub": str(uuid7()),
        "sid": str(uuid7()),
        "school": str(uuid7()),
        "role": "teacher",
        "iat": now,
        "exp": now + 600,
        "jti": "1",
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


async def test_a_good_token_names_its_caller(verifier: Verifier, signer: Issuer) -> None:
    caller = signer.caller(Role.TEACHER, uuid7())
    identity = await verifier.identify(caller.token)
    assert (identity.account_id, identity.school_id) == (caller.account_id, caller.school_id)
    assert (identity.session_id, identity.role) == (caller.session_id, Role.TEACHER)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere"},
        {"aud": "another"},
        {"exp": 1},
        {"nbf": int(time.time()) + 1000},
        {"role": "owner"},
        {"sub": "not-an-id"},
        *({name: None} for name in ("iss", "aud", "sub", "sid", "school", "role", "iat", "exp", "jti")),
    ],
)
async def test_wrong_claims_are_refused(verifier: Verifier, signer: Issuer, changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.identify(signer.sign(claims(**changed)))


async def test_a_token_of_an_issuer_whose_clock_is_ahead_is_good(verifier: Verifier, signer: Issuer) -> None:
    """Else whoever signed in a moment ago would be sent to sign in."""
    ahead = int(time.time()) + 60
    assert (await verifier.identify(signer.sign(claims(iat=ahead, exp=ahead + 600)))).role is Role.TEACHER


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged_with_public_key(signer: Issuer) -> str:
    """HS256 with the published key as the secret: the classic confusion of algorithms."""
    public = jwt.PyJWK(signer.jwks()["keys"][0]).key
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": signer.kid})
    signed = f"{head}.{encoded(claims())}"
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


async def test_forged_tokens_are_refused(verifier: Verifier, signer: Issuer) -> None:
    unsigned = f"{encoded({'alg': 'none', 'kid': signer.kid})}.{encoded(claims())}."
    stranger = Issuer()
    stranger.kid = signer.kid
    other_curve = jwt.encode(claims(), ec.generate_private_key(ec.SECP384R1()), "ES384", headers={"kid": signer.kid})
    tokens = [
        unsigned,
        forged_with_public_key(signer),
        stranger.sign(claims()),
        other_curve,
        signer.sign(claims(), typ="refresh+jwt"),
        signer.sign(claims(), crit=["unknown"]),
        "x.y.z",
        "",
        "é.é.é",
    ]
    for token in tokens:
        with pytest.raises(Unauthenticated):
            await verifier.identify(token)


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "https://evil.example/key", ""])
async def test_an_unknown_key_is_refused_and_asked_for_once(
    verifier: Verifier, signer: Issuer, source: Source, kid: str
) -> None:
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.identify(signer.sign(claims(), kid=kid))
    assert source.fetched == 1


async def test_many_callers_fetch_the_keys_once(verifier: Verifier, signer: Issuer, source: Source) -> None:
    source.seconds = 0.01
    await asyncio.gather(*(verifier.identify(signer.sign(claims())) for _ in range(20)))
    assert source.fetched == 1


async def test_keys_outlive_their_issuers_absence(verifier: Verifier, signer: Issuer, source: Source) -> None:
    await verifier.identify(signer.sign(claims()))
    source.away = True
    assert await verifier.identify(signer.sign(claims()))


async def test_nobody_waits_for_an_issuer_that_hangs(
    verifier: Verifier, signer: Issuer, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a stopped auth would hold up, and then fill, every other service."""
    await verifier.identify(signer.sign(claims()))
    monkeypatch.setattr("chassis.identity._REFRESH_SECONDS", 0.0)
    monkeypatch.setattr("chassis.identity._REFETCH_SECONDS", 10.0**9)
    monkeypatch.setattr("chassis.identity._PAUSE_SECONDS", 0.0)
    source.away = True
    await verifier.identify(signer.sign(claims()))
    source.answers.clear()
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(3):
            assert await verifier.identify(signer.sign(claims()))
            await asyncio.sleep(0)
    assert source.fetched == 3, "one asks on, in the background"
    source.away = False
    forged = signer.sign(claims())
    signer.kid = "another"
    source.answers.set()

    async def withdrawn() -> bool:
        try:
            return not await verifier.identify(forged)
        except Unauthenticated:
            return True
        finally:
            verifier._known.clear()

    await eventually(withdrawn)


@pytest.mark.parametrize("document", [[], {"keys": None}, {"keys": [{"kty": "EC"}]}])
async def test_what_are_no_keys_replaces_none(
    verifier: Verifier, signer: Issuer, source: Source, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    await verifier.identify(signer.sign(claims()))
    monkeypatch.setattr("chassis.identity._REFRESH_SECONDS", 0.0)
    source.document = document
    assert await verifier.identify(signer.sign(claims()))


async def test_without_any_key_the_answer_is_unavailable(verifier: Verifier, signer: Issuer, source: Source) -> None:
    source.away = True
    with pytest.raises(Unavailable):
        await verifier.identify(signer.sign(claims()))


async def test_a_revoked_session_is_refused_after_a_cached_verdict(verifier: Verifier, signer: Issuer) -> None:
    caller = signer.caller(Role.STUDENT, uuid7())
    await verifier.identify(caller.token)
    verifier.revocations.add(caller.session_id, time.time() + 600)
    with pytest.raises(Unauthenticated, match="session_revoked"):
        await verifier.identify(caller.token)


async def test_a_cached_verdict_ends_with_its_token(
    verifier: Verifier, signer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.identity._VERDICT_SECONDS", 10.0**9)
    monkeypatch.setattr("chassis.identity._REFRESH_SECONDS", 0.0)
    token = signer.sign(claims(exp=int(time.time()) + 600))
    assert await verifier.identify(token)
    signer.kid = "another"  # who judges the token anew refuses it
    assert await verifier.identify(token)
    monkeypatch.setattr("time.time", lambda now=time.time: now() + 601)
    with pytest.raises(Unauthenticated, match="unknown_key"):
        await verifier.identify(token)


async def test_a_withdrawn_key_ends_cached_verdicts(
    verifier: Verifier, signer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signer.sign(claims(exp=int(time.time()) + 10**9))
    assert await verifier.identify(token)
    signer.kid = "another"
    monkeypatch.setattr("chassis.identity._REFRESH_SECONDS", 0.0)
    assert await verifier.identify(token)
    monkeypatch.setattr("time.time", lambda now=time.time: now() + 31)
    with pytest.raises(Unauthenticated, match="unknown_key"):
        await verifier.identify(token)


def test_revocations_do_not_pile_up() -> None:
    revocations, old, live = Revocations(), uuid7(), uuid7()
    for session_id, seconds in ((old, 0.0), (live, 60.0)):
        revocations.add(session_id, time.time() + seconds)
    assert live in revocations
    assert old not in revocations


def test_expired_revocations_are_forgotten() -> None:
    revocations, old, live = Revocations(), uuid7(), uuid7()
    revocations.load([(old, time.time() - 1), (live, time.time() + 60)])
    assert live in revocations
    assert old not in revocations
