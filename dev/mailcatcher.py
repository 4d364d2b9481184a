"""`python -m dev.mailcatcher`: takes every mail, sends none on, shows them in the browser. For development alone."""

import argparse
import asyncio
import html
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

FOLDER = web.AppKey("folder", Path)
# A page of another name that resolves to this machine must not read the letters.
HOSTS = frozenset({"localhost", "127.0.0.1"})
_SHOWN = 200
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail</title>
<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto}}td{{padding:.2rem .8rem}}</style>
<h1>Mail that Homeroom sent</h1>{body}</html>"""


class Handler:
    """Each mail becomes a file, named so that the newest sorts last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        part = self._folder / f"{time.time_ns():020}.part"
        content = envelope.content or b""
        part.write_bytes(content if isinstance(content, bytes) else content.encode())
        part.rename(part.with_suffix(".eml"))
        return "250 OK"


def build(folder: Path) -> web.Application:
    """The pages: all letters, and one of them."""
    app = web.Application(middlewares=[own_host])
    app[FOLDER] = folder
    app.add_routes([web.get("/", index), web.get(r"/{number:\d{20}}", letter)])
    return app


@web.middleware
async def own_host(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse every other name of this server."""
    if request.url.host not in HOSTS:
        raise web.HTTPForbidden
    response: web.StreamResponse = await handler(request)
    return response


async def index(request: web.Request) -> web.Response:
    """Newest first."""
    files = sorted(request.app[FOLDER].glob("*.eml"), reverse=True)[:_SHOWN]
    rows = "".join(_row(file) for file in files) or "<tr><td>None yet."
    return web.Response(text=_PAGE.format(body=f"<table>{rows}</table>"), content_type="text/html")


async def letter(request: web.Request) -> web.Response:
    """As text."""
    file = request.app[FOLDER] / f"{request.match_info['number']}.eml"
    if not file.exists():
        raise web.HTTPNotFound
    mail = _read(file)
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    return web.Response(text=f"To: {mail['To']}\nSubject: {mail['Subject']}\nDate: {mail['Date']}\n\n{text}")


def _row(file: Path) -> str:
    mail = _read(file)
    cells = [html.escape(str(mail[name])) for name in ("Date", "To", "Subject")]
    return f'<tr><td>{cells[0]}<td>{cells[1]}<td><a href="/{file.stem}">{cells[2]}</a>'


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


async def serve(folder: Path, smtp_port: int, web_port: int) -> None:
    """On loopback, until cancelled."""
    handler = Handler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True), "127.0.0.1", smtp_port)
    runner = web.AppRunner(build(folder), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", web_port).start()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m dev.mailcatcher", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(options.folder, options.smtp_port, options.web_port))


if __name__ == "__main__":
    main()
