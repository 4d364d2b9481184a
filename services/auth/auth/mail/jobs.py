"""Jobs that write letters which were asked for: by a person, or by an event."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from auth.config import Config
from auth.sealing import Sealer
from chassis.db import Database
from chassis.keys import CONFIG, DB

# Writes the oldest letter that is due; whether there was one.
WriteOne = Callable[[Database, Config, Sealer], Awaitable[bool]]

_BATCH = 100


def writing(write_one: WriteOne) -> Callable[[web.Application], Awaitable[None]]:
    """What a job runs to write the letters that are due."""

    async def write(app: web.Application) -> None:
        config = app[CONFIG]
        assert isinstance(config, Config)
        sealer = Sealer(config.signing_key_secret.get_secret_value(), "mails")
        for _ in range(_BATCH):
            if not await write_one(app[DB], config, sealer):
                return

    return write
