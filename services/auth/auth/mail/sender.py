"""The job that sends the outgoing mail over SMTP.

A letter is leased before it is sent and marked after, so it goes out twice only when the worker dies in between;
both then carry the same Message-ID.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from aiohttp import web

from auth.config import Config
from auth.mail.commands import opened
from auth.sealing import CannotOpen, Sealer
from chassis.db import Executor, Row
from chassis.keys import CONFIG, DB
from chassis.logging import get_logger
from chassis.worker import Job

log = get_logger(__name__)

SEND_SECONDS = 2.0
_TIMEOUT_SECONDS = 20
_BATCH = 50


class Refused(Exception):
    """The server will never take this letter."""


async def send_due(app: web.Application) -> None:
    """Send every letter that is due, one after the other."""
    config = app[CONFIG]
    assert isinstance(config, Config)
    for _ in range(_BATCH):
        mail = await app[DB].row("take_mail")
        if mail is None:
            return
        await _deliver(app[DB], config, mail)


async def _deliver(db: Executor, config: Config, mail: Row) -> None:
    if mail["is_expired"]:
        await db.execute("give_mail_up", id=mail["id"], error="It could not be sent in time.")
        return
    try:
        await asyncio.to_thread(_send, config, message(config, mail))
    except (Refused, CannotOpen) as error:
        await db.execute("give_mail_up", id=mail["id"], error=_text(error))
    except (OSError, smtplib.SMTPException) as error:
        await _try_again(db, config, mail, _text(error))
    else:
        await db.execute("mark_mail_sent", id=mail["id"])


async def _try_again(db: Executor, config: Config, mail: Row, error: str) -> None:
    log.warning("mail_not_sent", mail=str(mail["id"]), attempts=mail["attempts"], error=error)
    over = mail["attempts"] >= config.mail_attempts
    await db.execute("give_mail_up" if over else "mark_mail_failed", id=mail["id"], error=error)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:500]


def message(config: Config, mail: Row) -> EmailMessage:
    """The letter with its headers; raises CannotOpen."""
    sealer = Sealer(config.signing_key_secret.get_secret_value(), "mails")
    subject, text = opened(sealer, bytes(mail["sealed"]), mail["recipient"])
    letter = EmailMessage(policy=SMTP.clone(utf8=not mail["recipient"].isascii()))
    letter["From"] = config.mail_from
    letter["To"] = mail["recipient"]
    letter["Subject"] = subject
    letter["Date"] = format_datetime(mail["created_at"])
    letter["Message-ID"] = f"<{mail['id']}@{urlsplit(config.public_url).hostname}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


def _send(config: Config, letter: EmailMessage) -> None:
    """Raises Refused, OSError or SMTPException."""
    with _connected(config) as server:
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise (Refused if code >= 500 else smtplib.SMTPException)(reason) from error
        except smtplib.SMTPDataError as error:
            raise (Refused if error.smtp_code >= 500 else smtplib.SMTPException)(error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("the server takes no such address") from error


def _connected(config: Config) -> smtplib.SMTP:
    url = urlsplit(config.smtp_url.get_secret_value())
    host, context = url.hostname or "127.0.0.1", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=_TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=_TIMEOUT_SECONDS)
        if url.scheme == "smtp+starttls":
            server.starttls(context=context)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


JOB = Job("send-mail", SEND_SECONDS, send_due)
