"""A Homeroom that others run: only its gateway is known, and nothing of it may be harmed."""

import os
from typing import Any

from dev.stack import Stack


class Elsewhere(Stack):
    """Named by `HOMEROOM_URL` and `HOMEROOM_CA`. Its gateway must bear that all tests call from one address."""

    @property
    def url(self) -> str:
        return os.environ["HOMEROOM_URL"]

    def description(self) -> dict[str, Any]:
        return {"ca_file": os.environ["HOMEROOM_CA"]}
