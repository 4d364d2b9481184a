"""Which new passwords are refused, and with what advice."""

from typing import Any

import pytest

from auth.config import Config
from auth.password_rules import check_password
from chassis.errors import Invalid

SECRETS = ("database_url", "amqp_url", "amqp_management_url", "redis_url", "signing_key_secret")
SETTINGS: dict[str, Any] = dict.fromkeys((*SECRETS, "jwks_url", "contracts_dir"), "x" * 40)
CONFIG = Config.model_validate({**SETTINGS, "port": 1, "worker_port": 2})


def refused(password: str) -> str | None:
    try:
        check_password("body.password", password, CONFIG, "grace.hopper@elm.example", "Elm Tree School")
    except Invalid as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "homeroom-demo-2026",
        "zwölf Bären äßen",
        "👩‍🏫" * 3 + "abcdef",
        "x1y2z3w4v5",
        "a" * 100 + "bcdef",
    ],
)
def test_what_is_long_and_not_common_is_taken(password: str) -> None:
    assert refused(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-one", "password_too_short"),
        ("abcd" * 51, "password_too_long"),
        ("1234567890", "password_common"),
        ("Qwertyuiop", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("1212121212", "password_common"),
        ("grace.hopper", "password_guessable"),
        ("GraceHopper12", "password_guessable"),
        ("grace.hopper@elm.example", "password_guessable"),
        ("Elm Tree School!", "password_guessable"),
        ("elm-tree-school-26", "password_guessable"),
        ("homeroom123", "password_guessable"),
    ],
)
def test_what_would_be_tried_first_is_refused(password: str, code: str) -> None:
    assert refused(password) == code


def test_the_field_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        check_password("body.new_password", "short", CONFIG, None)
    assert refusal.value.errors[0].field == "body.new_password"
