"""Settings, and that every event type has its handler."""

import pytest

from chassis.config import ConfigError
from chassis.contracts import default_contracts
from chassis.inbox import complete_handlers
from files.config import Config
from files.consumers import HANDLERS

ENVIRONMENT = {
    "DATABASE_URL": "postgresql://files@127.0.0.1/homeroom",
    "AMQP_URL": "amqp://127.0.0.1",
    "AMQP_MANAGEMENT_URL": "http://127.0.0.1",
    "REDIS_URL": "redis://127.0.0.1",
    "JWKS_URL": "http://127.0.0.1/jwks.json",
    "CONTRACTS_DIR": "contracts",
    "PORT": "8000",
    "WORKER_PORT": "8001",
    "S3_ENDPOINT": "http://127.0.0.1:8333",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "secret",
    "S3_REGION": "us-east-1",
    "S3_BUCKET": "homeroom-files",
}


def test_handlers_are_what_the_contracts_say() -> None:
    complete_handlers(default_contracts(), "files", HANDLERS)


def test_what_may_be_uploaded_is_a_setting() -> None:
    config = Config.load(ENVIRONMENT | {"UPLOAD_TYPES": "text/plain, image/png,text/plain", "UPLOAD_MAX_BYTES": "10"})
    assert (config.types, config.upload_max_bytes) == (["image/png", "text/plain"], 10)
    assert "application/pdf" in Config.load(ENVIRONMENT).types


@pytest.mark.parametrize("name", ["S3_ENDPOINT", "S3_BUCKET", "S3_SECRET_KEY"])
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.load({key: value for key, value in ENVIRONMENT.items() if key != name})
