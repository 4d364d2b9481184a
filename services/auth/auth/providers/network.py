"""Requests to addresses that an admin typed in: none of them leads into the operator's own network."""

import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_MAX_BYTES = 512 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3)
# Addresses that carry an IPv4 address within, which may be anything.
_CARRIERS = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32")]


class Refused(Exception):
    """An address we do not ask, or an answer we do not take."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in carrier for carrier in _CARRIERS):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def checked(address: str, *, private: bool) -> URL:
    """The address, when it may be asked: https (or, when `private` is allowed, http on loopback). Raises Refused."""
    try:
        url = URL(address)
    except ValueError:
        raise Refused(f"{address} is no address") from None
    if not url.host or url.user or url.password or url.fragment or not url.absolute:
        raise Refused(f"{address} is no plain address")
    if url.scheme != "https" and not (private and url.scheme == "http" and _is_loopback(url.host)):
        raise Refused(f"{address} is not https")
    # A literal address is never resolved, so the resolver does not see it.
    if not private and _is_literal(url.host) and not is_public(url.host):
        raise Refused(f"{address} is not public")
    return url


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_literal(host) and ipaddress.ip_address(host).is_loopback)


class PublicResolver(AbstractResolver):
    """Names that lead to a private address do not exist; checked where the connection is made, so that a name
    cannot mean one thing when it is checked and another when it is used."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As the system does; raises OSError."""
        found = await self._resolver.resolve(host, port, family)
        if not all(is_public(item["host"].partition("%")[0]) for item in found):
            raise OSError(f"{host} is not public")
        return found

    async def close(self) -> None:
        """Nothing to release."""
        await self._resolver.close()


class Outside:
    """Asks providers: no redirects, no cookies, no proxies, little patience and small answers."""

    def __init__(self, session: aiohttp.ClientSession, *, private: bool) -> None:
        self._session = session
        self._private = private

    def checked(self, address: str) -> URL:
        """Raises Refused."""
        return checked(address, private=self._private)

    async def ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        """The JSON object of a 200; raises Refused for anything else."""
        url = self.checked(address)
        try:
            async with self._session.request(method, url, allow_redirects=False, **options) as response:
                if response.status != 200:
                    raise Refused(f"{url.host} answered {response.status}")
                return _object(await _read(response))
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:  # the last: no name of a host
            raise Refused(f"{url.host} cannot be asked: {type(error).__name__}") from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        raw += chunk
        if len(raw) > _MAX_BYTES:
            raise Refused("the answer is too large")
    return bytes(raw)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused("the answer is no JSON") from None
    if not isinstance(document, dict):
        raise Refused("the answer is no JSON object")
    return document


@asynccontextmanager
async def opened(*, private: bool) -> AsyncIterator[Outside]:
    """For the life of the process."""
    resolver = aiohttp.ThreadedResolver() if private else PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, limit=50, limit_per_host=10)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, timeout=_TIMEOUT) as session:
        yield Outside(session, private=private)
