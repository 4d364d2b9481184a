"""Small questions to a process: does it listen, does it answer 200?"""

import base64
import socket
import ssl
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit


def listening(port: int) -> None:
    """Raise OSError unless something on loopback accepts connections at `port`."""
    socket.create_connection(("127.0.0.1", port), timeout=2).close()


def get(url: str, ca: Path | None = None) -> bytes:
    """The body of a 200 answer; user and password may stand in the URL. Raises OSError otherwise."""
    parts = urlsplit(url)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(plain)
    if parts.username:
        pair = f"{parts.username}:{parts.password}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
    context = ssl.create_default_context(cafile=str(ca)) if ca else None
    with urllib.request.urlopen(request, timeout=3, context=context) as answer:
        body: bytes = answer.read()
        return body
