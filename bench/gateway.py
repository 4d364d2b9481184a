"""What the gateway adds to an authenticated request: `python -m bench.gateway [--requests 20000]`.

CPU of all nginx processes a request over kept TLS connections, for the same nginx as a plain proxy, with the token's
cached verdict (what runs), and with every token verified anew.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.table import Line, tell
from bench.usage import use_of_family
from gateway.nginx.tests.certificate import make_certificate
from gateway.nginx.tests.harness import Edit, Gateway, Launch, launcher
from gateway.nginx.tests.stubs import Issuer, Services

UNCHECKED: Edit = ("snippets/protected.conf", "auth_request /_verdict;", "")
UNCACHED: Edit = ("snippets/verdict.conf", "proxy_cache verdict;", "proxy_cache off;")
PATH = "/api/classroom/bootstrap"
CONNECTIONS = 16
# Where a plain proxy costs 7 µs; machines and TLS differ, so the ratio is what is judged.
TARGET_RATIO = 16 / 7


async def lines(requests: int) -> list[Line]:
    """Microseconds of CPU a request."""
    issuer = Issuer()
    services = Services(issuer)
    await services.start()
    try:
        with open_folder("gateway-") as folder:
            async with launcher(folder, services, make_certificate(folder)) as launch:
                return [_line(*await _variants(launch, issuer.token(), requests))]
    finally:
        await services.stop()


@contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder, open to nginx's workers, who run as somebody else."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def _variants(launch: Launch, token: str, requests: int) -> tuple[float, float, float]:
    plain = await _cost(await launch(UNCHECKED), token, requests)
    ours = await _cost(await launch(), token, requests)
    uncached = await _cost(await launch(UNCACHED), token, requests // 4)
    return plain, ours, uncached


def _line(plain: float, ours: float, uncached: float) -> Line:
    peers = {"plain proxy": plain, "token verified each time": uncached, "the check's own share": ours - plain}
    target = f"≤ {TARGET_RATIO:.1f} × plain proxy"
    return Line("authenticated request, gateway", "µs CPU", ours, peers, target, ours <= TARGET_RATIO * plain)


async def _cost(gateway: Gateway, token: str, requests: int) -> float:
    assert gateway.process is not None
    headers = {"Authorization": f"Bearer {token}"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=gateway.trust)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await _ask(gateway, session, 200)
        before = use_of_family(gateway.process.pid).cpu
        await asyncio.gather(*(_ask(gateway, session, requests // CONNECTIONS) for _ in range(CONNECTIONS)))
        spent = use_of_family(gateway.process.pid).cpu - before
    return 1e6 * spent / (requests // CONNECTIONS * CONNECTIONS)


async def _ask(gateway: Gateway, session: aiohttp.ClientSession, requests: int) -> None:
    for _ in range(requests):
        async with session.get(gateway.url(PATH)) as response:
            assert response.status == 200
            await response.read()


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    tell("gateway", asyncio.run(lines(parser.parse_args().requests)))


if __name__ == "__main__":
    main()
