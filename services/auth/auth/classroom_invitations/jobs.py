"""The worker's part of invitations into classrooms."""

from aiohttp import web

from auth.classroom_invitations.commands import answer_invitation
from auth.config import Config
from auth.sealing import Sealer
from chassis.keys import CONFIG, DB
from chassis.worker import Job

_BATCH = 100


async def answer_invitations(app: web.Application) -> None:
    """Write the letters that are due."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    sealer = Sealer(config.signing_key_secret.get_secret_value(), "mails")
    for _ in range(_BATCH):
        if not await answer_invitation(app[DB], config, sealer):
            return


JOB = Job("answer-classroom-invitations", 1.0, answer_invitations)
