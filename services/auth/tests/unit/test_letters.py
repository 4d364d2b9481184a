"""What stands in a letter is what was written, whatever an admin, a teacher or a stranger calls themselves."""

from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from auth.config import Config
from auth.mail import letters
from auth.mail.commands import sealed
from auth.mail.sender import message
from auth.sealing import Sealer
from chassis.db import utc_now

SECRETS = ("database_url", "amqp_url", "amqp_management_url", "redis_url", "signing_key_secret")
SETTINGS: dict[str, Any] = dict.fromkeys((*SECRETS, "jwks_url", "contracts_dir"), "x" * 40)
CONFIG = Config.model_validate({**SETTINGS, "port": 1, "worker_port": 2})
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Elm", "Elm"),
        ("Elm\r\nBcc: eve@oak.example", "Elm Bcc: eve@oak.example"),
        ("Schule für Mädchen 女子校", "Schule für Mädchen 女子校"),
        ("=?utf-8?q?Elm=0d=0aBcc:_eve@oak.example=0d=0a=0d=0aCome_to_oak.example?=", None),
        ("x" * 90 + "=?utf-8?b?DQpCY2M6IGV2ZUBvYWsuZXhhbXBsZQ==?=", None),
        ("=\u200b?utf-8?q?Elm=0aBcc:_eve@oak.example?=", None),
    ],
)
@pytest.mark.parametrize("kind", ["school", "classroom"])
def test_a_name_is_no_header(name: str, shown: str | None, kind: str) -> None:
    """An encoded word (RFC 2047) in a subject is read back and written out by the library, line ends and all."""
    letter = {
        "school": letters.invitation(name, "Head", "https://elm.example", "token", 14),
        "classroom": letters.classroom_invitation("Elm", name, "https://elm.example"),
    }[kind]
    sealer, recipient = Sealer(CONFIG.signing_key_secret.get_secret_value(), "mails"), "head@elm.example"
    mail = {
        "id": UUID(int=1), "recipient": recipient, "created_at": utc_now(), "sealed": sealed(sealer, letter, recipient),
    }  # fmt: skip
    read = message_from_bytes(message(CONFIG, mail).as_bytes(), policy=default)
    assert sorted(read.keys()) == sorted([*HEADERS, "MIME-Version"])
    assert read.get_content().splitlines() == letter.text.splitlines()
    assert shown is None or read["Subject"] == f"Invitation to {shown}"
