"""`Idempotency-Key`: a command that creates takes effect once, and its answer can be asked for again."""

import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from chassis.answers import Answer
from chassis.db import Executor, Row
from chassis.errors import Invalid
from chassis.identity import Identity
from chassis.keys import DB

_HEADER = "Idempotency-Key"
_STORED_HEADERS = ("Location", "ETag")

Command = Callable[[Executor], Awaitable[web.StreamResponse]]


async def once(request: web.Request, identity: Identity, command: Command) -> web.StreamResponse:
    """Run the command in one transaction with its key, or replay the stored answer.

    Raises Invalid when the key was used for another request. A command that fails stores nothing.
    """
    key = request.headers[_HEADER]
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise Invalid(f"header.{_HEADER}", "Use 1 to 200 printable characters.")
    digest = await _digest(request, identity)
    async with request.app[DB].transaction() as tx:
        account = identity.account_id
        if await tx.value("claim_idempotency_key", account_id=account, key=key, digest=digest):
            response = await command(tx)
            await _store(tx, account_id=account, key=key, response=response)
            return response
        stored = await tx.row("read_idempotency_key", account_id=account, key=key)
    return _replay(stored, digest)


async def _digest(request: web.Request, identity: Identity) -> bytes:
    head = f"{identity.school_id} {request.method} {request.path_qs}\n"
    return hashlib.sha256(head.encode() + await request.read()).digest()


async def _store(tx: Executor, *, account_id: object, key: str, response: web.StreamResponse) -> None:
    body = response.body if isinstance(response, web.Response | Answer) else None
    await tx.execute(
        "store_idempotent_response",
        account_id=account_id,
        key=key,
        status=response.status,
        response=bytes(body) if isinstance(body, bytes | bytearray) else None,
        headers={name: response.headers[name] for name in _STORED_HEADERS if name in response.headers},
    )


def _replay(stored: Row | None, digest: bytes) -> web.Response:
    if stored is None or bytes(stored["request_digest"]) != digest:
        raise Invalid(f"header.{_HEADER}", "This key was used for another request; use a new one.", "key_reused")
    body = None if stored["response"] is None else bytes(stored["response"])
    return web.Response(
        status=stored["status"],
        body=body,
        content_type="application/json" if body is not None else None,
        headers={"Idempotent-Replay": "true", **(stored["headers"] or {})},
    )
