"""Secrets: made once per stack, one file each, readable by their owner alone."""

import secrets

from dev.layout import State, write_private

NAMES = (
    "postgres",
    "database-auth",
    "database-classroom",
    "database-grading",
    "database-lecture-chat",
    "database-files",
    "rabbitmq",
    "erlang-cookie",
    "redis",
    "s3-access-key",
    "s3-secret-key",
    "signing-key-secret",
)
Secrets = dict[str, str]


def load(state: State) -> Secrets:
    """Every secret by name; those that do not exist yet are made."""
    return {name: _load(state, name) for name in NAMES}


def _load(state: State, name: str) -> str:
    file = state.secrets / name
    if not file.exists():
        write_private(file, secrets.token_hex(32))
    return file.read_text()
