"""Settings from the environment: frozen, complete, and refused by name when wrong."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails


class ConfigError(Exception):
    """A setting is missing or wrong; the message names the environment variable."""


class Config(BaseModel):
    """What every service needs to know. Any setting may be a file instead: `X_FILE=/run/secrets/x`."""

    model_config = ConfigDict(frozen=True)

    database_url: SecretStr
    amqp_url: SecretStr
    amqp_management_url: SecretStr
    redis_url: SecretStr
    jwks_url: str
    contracts_dir: Path
    token_issuer: str = "https://homeroom"
    token_audience: str = "homeroom"
    allowed_origins: str = "https://localhost:8443"
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    worker_port: int = Field(ge=1, le=65535)
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
    db_pool_size: int = Field(10, ge=1, le=100)
    otlp_endpoint: str = Field("", pattern=r"^(https?://[^/]+)?$")
    trace_sample: float = Field(0.1, ge=0, le=1)
    max_body_bytes: int = Field(1024 * 1024, ge=1024)
    max_sockets: int = Field(10_000, ge=1)
    max_requests: int = Field(100, ge=1)

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may open a socket."""
        return frozenset(origin.strip() for origin in self.allowed_origins.split(","))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raises ConfigError with every missing or wrong variable."""
        environ = os.environ if environ is None else environ
        found = {name: _setting(name.upper(), environ) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in found.items() if value is not None})
        except ValidationError as error:
            raise ConfigError(_describe(error)) from None

    @classmethod
    def load_or_exit(cls) -> Self:
        """Read the settings, or end the process with a line per wrong variable."""
        try:
            return cls.load()
        except ConfigError as error:
            sys.exit(str(error))


def setting_or_exit(name: str, purpose: str) -> str:
    """One setting of a command, such as `AMQP_URL`; ends the process where neither it nor its file is given."""
    try:
        value = _setting(name, os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    if value is None:
        sys.exit(f"{name}: set it (or {name}_FILE) to {purpose}")
    return value


def _setting(name: str, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE")
    if path is None:
        return environ.get(name)
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE: cannot read {path}: {error.strerror}") from None


def _describe(error: ValidationError) -> str:
    lines = [_describe_one(item) for item in error.errors(include_input=False)]
    return "\n".join(["The configuration is incomplete or wrong:", *lines])


def _describe_one(item: ErrorDetails) -> str:
    name = str(item["loc"][0]).upper()
    return f"  {name}: {item['msg']} (set {name} or {name}_FILE)"
