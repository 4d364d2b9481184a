"""The worker's part of forgotten passwords."""

from aiohttp import web

from auth.config import Config
from auth.resets.commands import answer_request
from auth.sealing import Sealer
from chassis.keys import CONFIG, DB
from chassis.worker import Job

_BATCH = 100


async def answer_requests(app: web.Application) -> None:
    """Write the letters that were asked for."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    sealer = Sealer(config.signing_key_secret.get_secret_value(), "mails")
    for _ in range(_BATCH):
        if not await answer_request(app[DB], config, sealer):
            return


JOB = Job("answer-reset-requests", 1.0, answer_requests)
