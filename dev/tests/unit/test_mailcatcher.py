"""The catcher takes mail and shows it, on this machine alone."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from chassis.testing import eventually
from dev.mailcatcher import serve
from dev.probe import listening


@pytest.fixture
async def ports(tmp_path: Path, unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[tuple[int, int]]:
    smtp, web = unused_tcp_port_factory(), unused_tcp_port_factory()
    task = asyncio.create_task(serve(tmp_path, smtp, web))
    await eventually(lambda: answers(web))
    yield smtp, web
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def answers(port: int) -> bool:
    try:
        await asyncio.to_thread(listening, port)
    except OSError:
        return False
    return True


def send(port: int) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@elm.example", "b@elm.example", "<b>Grüße</b>"
    letter.set_content("Zwölf")
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.send_message(letter)


async def test_a_letter_can_be_read_in_the_browser(ports: tuple[int, int]) -> None:
    smtp, web = ports
    await asyncio.to_thread(send, smtp)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{web}") as http:
        async with http.get("/") as response:
            page = await response.text()
        assert "&lt;b&gt;Grüße&lt;/b&gt;" in page
        path = page.split('href="')[1].split('"')[0]
        async with http.get(path) as response:
            assert "Zwölf" in await response.text()
        async with http.get("/", headers={"Host": "evil.example"}) as response:
            assert response.status == 403
        async with http.get("/00000000000000000000") as response:
            assert response.status == 404
