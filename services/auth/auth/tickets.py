"""Short-lived notes to ourselves that somebody else carries: sealed, for one purpose, with an end."""

import base64
import time
from typing import Any

import orjson

from auth.sealing import CannotOpen, Sealer


class BadTicket(Exception):
    """Not ours, for another purpose, tampered with, or over."""


class Tickets:
    """Issues and reads them; nothing is stored, so a ticket may come twice."""

    def __init__(self, secret: str) -> None:
        self._sealer = Sealer(secret, "tickets")

    def issue(self, purpose: str, content: list[Any], seconds: int) -> str:
        """Text that fits a cookie or a JSON document."""
        sealed = self._sealer.seal(orjson.dumps([int(time.time()) + seconds, content]), purpose)
        return base64.urlsafe_b64encode(sealed).decode()

    def read(self, purpose: str, ticket: str) -> list[Any]:
        """What was issued; raises BadTicket."""
        try:
            until, content = orjson.loads(self._sealer.open(base64.urlsafe_b64decode(ticket), purpose))
        except (CannotOpen, ValueError):
            raise BadTicket(purpose) from None
        if until <= time.time():
            raise BadTicket(purpose)
        found: list[Any] = content
        return found
