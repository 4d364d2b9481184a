"""The job that rotates the signing keys by schedule."""

from datetime import timedelta

from aiohttp import web

from auth.config import Config
from auth.tokens import Vault, rotate
from chassis.keys import CONFIG, DB
from chassis.logging import get_logger
from chassis.worker import Job

log = get_logger(__name__)


async def rotate_when_due(app: web.Application) -> None:
    """Publish a new key when the newest is KEY_ROTATION_DAYS old; the first one is made by the web process."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    age = await app[DB].value("newest_signing_key_age")
    if age is not None and age >= timedelta(days=config.key_rotation_days):
        kid = await rotate(app[DB], Vault(config.signing_key_secret.get_secret_value()))
        log.info("signing_key_rotated", kid=kid)


JOB = Job("rotate-signing-keys", 600, rotate_when_due)
