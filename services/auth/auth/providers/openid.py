"""OpenID Connect: discovery, keys, and what makes an ID token believable (OpenID Connect Core 1.0, 3.1.3.7)."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import aiohttp
import jwt

from auth.providers.network import Outside, Refused

# Signatures by a key that only the provider has; none and HS256 are not among them.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_REQUIRED = ["iss", "aud", "exp", "iat", "sub", "nonce"]
_LEEWAY = 60
_FRESH_SECONDS = 3600.0
_RETRY_SECONDS = 30.0
_KEPT = 500
_MICROSOFT = "https://login.microsoftonline.com/"


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to a provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Described:
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    secret_in_body: bool
    names_issuer: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an ID token names; `email` is verified."""

    id: str
    email: str


class OpenId:
    """Asks providers, keeping what changes rarely for an hour and a failure for half a minute."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._kept: dict[str, tuple[float, dict[str, Any] | Refused]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def described(self, issuer: str) -> Described:
        """From the discovery document; raises Refused unless it is that very issuer's and all it names is https."""
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = await self._once(address, _FRESH_SECONDS)
        if document.get("issuer") != issuer:
            raise Refused(f"{issuer} calls itself {document.get('issuer')}")
        endpoints = {
            name: str(self._outside.checked(str(document.get(name))))
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Described(
            issuer=issuer,
            **endpoints,
            secret_in_body="client_secret_post" in methods,
            names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        )

    async def subject(self, client: Client, code: str, verifier: str, nonce: str) -> Subject:
        """Exchange a code; raises Refused unless all of the ID token holds."""
        described = await self.described(client.issuer)
        answer = await self._exchange(described, client, code, verifier)
        claims = await self._claims(described, client, str(answer.get("id_token")))
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise Refused("the nonce is another one")
        return Subject(_subject(claims), _email(claims))

    async def _exchange(self, described: Described, client: Client, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
        }
        if described.secret_in_body:
            form |= {"client_id": client.client_id, "client_secret": client.client_secret}
            return await self._outside.ask("POST", described.token_endpoint, data=form)
        # RFC 6749, 2.3.1: encoded as in a form before it is encoded as a header.
        basic = aiohttp.encode_basic_auth(quote_plus(client.client_id), quote_plus(client.client_secret))
        headers = {"Authorization": basic}
        return await self._outside.ask("POST", described.token_endpoint, data=form, headers=headers)

    async def _claims(self, described: Described, client: Client, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise Refused(f"the ID token is signed by {algorithm}")
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._key(described, header.get("kid"), algorithm),
                algorithms=[algorithm],
                issuer=described.issuer,
                audience=client.client_id,
                leeway=_LEEWAY,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused(f"the ID token does not hold: {error}") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else client.client_id) != client.client_id:
            raise Refused("the ID token is for somebody else")
        return claims

    async def _key(self, described: Described, kid: object, algorithm: str) -> jwt.PyJWK:
        keys = await self._once(described.jwks_uri, _FRESH_SECONDS)
        found = _matching(keys, kid, algorithm)
        if not found:
            # Keys are rotated; a made-up kid must not make us ask at every request.
            found = _matching(await self._once(described.jwks_uri, _RETRY_SECONDS), kid, algorithm)
        if len(found) != 1:
            raise Refused("the ID token's key is not published")
        return jwt.PyJWK(found[0], algorithm)

    async def _once(self, address: str, fresh: float) -> dict[str, Any]:
        """The document, kept while it is `fresh`; many who ask at once are one request."""
        async with self._locks.setdefault(address, asyncio.Lock()):
            at, document = self._kept.get(address, (float("-inf"), None))
            patience = _RETRY_SECONDS if isinstance(document, Refused) else fresh
            if document is None or time.monotonic() - at > patience:
                document = await _outcome(lambda: self._outside.ask("GET", address))
                self._keep(address, document)
        if isinstance(document, Refused):
            raise Refused(str(document))
        return document

    def _keep(self, address: str, document: dict[str, Any] | Refused) -> None:
        self._kept.pop(address, None)
        if len(self._kept) >= _KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._locks.pop(oldest, None)
        self._kept[address] = time.monotonic(), document


async def _outcome(ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any] | Refused:
    try:
        return await ask()
    except Refused as error:
        return error


def _matching(document: dict[str, Any], kid: object, algorithm: str) -> list[dict[str, Any]]:
    """The keys that may have signed; a token without `kid` fits only when there is one."""
    kinds = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}
    keys = document.get("keys")
    return [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and key.get("kty") == kinds[algorithm[0]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]


def _subject(claims: dict[str, Any]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\x00" in subject:
        raise Refused("the ID token names nobody")
    return subject


def _email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or not 3 <= len(email) <= 254 or "\x00" in email:
        raise Refused("the ID token names no address")
    # Microsoft has no email_verified; its optional claim says that the tenant owns the address's domain.
    owned = claims["iss"].startswith(_MICROSOFT) and claims.get("xms_edov") in (True, 1, "1", "true")
    if claims.get("email_verified") is not True and not owned:
        raise Refused("the address is not verified")
    return email.strip().lower()
