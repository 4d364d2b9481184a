"""For component tests: a small OpenID Connect provider with real keys over real HTTP."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "homeroom", "s3cret: with/signs"
_KEY = rsa.generate_private_key(65_537, 2048)


@dataclass
class Provider:
    """Tests change what it says: `claims` override the ID token's (None takes one away), `sign` makes another."""

    email: str = "t@elm.example"
    subject: str = "subject-1"
    issuer: str = ""
    kid: str = "key-1"
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reusable: bool = False

    def routes(self) -> list[web.RouteDef]:
        """What a provider offers."""
        return [
            web.get("/.well-known/openid-configuration", self._describe),
            web.get("/authorize", self._authorize),
            web.post("/token", self._exchange),
            web.get("/keys", self._keys),
        ]

    async def _describe(self, _: web.Request) -> web.Response:
        self.asked.append("discovery")
        places = {
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response({"issuer": self.issuer, **places, **self.document})

    async def _authorize(self, request: web.Request) -> web.Response:
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(request.query)
        back = request.url.with_path("/").with_query({"code": code, "state": request.query["state"]})
        return web.json_response(dict(back.query))

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        own = jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)
        others = [{"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc", "n": own["n"], "e": "AQAB"}, {"x": 1}]
        return web.json_response({"keys": [*others, {**own, "kid": self.kid, "use": "sig"}]})

    async def _exchange(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        given = self.codes.get(form["code"]) if self.reusable else self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        basic = base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        known = request.headers.get("Authorization") == f"Basic {basic}" or form.get("client_secret") == SECRET
        right = given and challenge.rstrip("=") == given["code_challenge"]
        if not known or not given or not right or form["redirect_uri"] != given["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(given["nonce"])}
        )

    def id_token(self, nonce: str) -> str:
        """As the provider would sign it."""
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": self.email,
            "email_verified": True,
            **self.claims,
        }
        return self.sign({name: value for name, value in whole.items() if value is not None})

    def sign(self, claims: dict[str, Any]) -> str:
        """By its own key."""
        return jwt.encode(claims, _KEY, "RS256", {"kid": self.kid})


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    """A provider on a free port."""
    provider, app = Provider(), web.Application()
    app.add_routes(provider.routes())
    async with TestServer(app) as server:
        provider.issuer = str(server.make_url("")).rstrip("/")
        yield provider
