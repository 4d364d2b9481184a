"""Settings are complete and right, or their names are said."""

from pathlib import Path

import pytest

from chassis.config import Config, ConfigError

GOOD = {
    "DATABASE_URL": "postgresql://auth@localhost/homeroom",
    "AMQP_URL": "amqp://localhost/",
    "AMQP_MANAGEMENT_URL": "http://localhost:15672",
    "REDIS_URL": "redis://localhost",
    "JWKS_URL": "http://localhost/jwks.json",
    "CONTRACTS_DIR": "contracts",
    "PORT": "8080",
    "WORKER_PORT": "8081",
}


def test_complete_settings_are_read() -> None:
    config = Config.load(GOOD | {"ALLOWED_ORIGINS": "https://a.example, https://b.example"})
    assert config.port == 8080
    assert config.origins == {"https://a.example", "https://b.example"}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"\b{name}\b"):
        Config.load({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("PORT", "70000"), ("LOG_LEVEL", "loud")])
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"\b{name}\b"):
        Config.load(GOOD | {name: value})


def test_a_setting_may_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://from-a-file\n")
    config = Config.load(GOOD | {"DATABASE_URL_FILE": str(secret)})
    assert config.database_url.get_secret_value() == "postgresql://from-a-file"


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL_FILE"):
        Config.load(GOOD | {"REDIS_URL_FILE": str(tmp_path / "absent")})


def test_secrets_stay_out_of_representations() -> None:
    assert "auth@localhost" not in repr(Config.load(GOOD))


def test_settings_are_frozen() -> None:
    config = Config.load(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        setattr(config, "port", 1)  # noqa: B010 - the type checker refuses the plain form, as it should
