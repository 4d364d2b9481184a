"""File names that are harmless on every system and in every header."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import quote

LONGEST_BYTES = 200
# Controls, and the marks that make a name read backwards: `exe.gpj` for `jpg.exe`.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Of any script: a name of spaces alone shows nothing.
_AROUND = re.compile(r"^[\s.]+|[\s.]+$")
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")
# RFC 8187: what need not be percent-encoded.
_ATTR_CHAR = "!#$&+-.^_`|~"


def safe_name(name: str) -> str:
    """The last part of a path, without what some system or header would trip over; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = _AROUND.sub("", _FORBIDDEN.sub("_", _INVISIBLE.sub("", last)))
    return _shortened(_RESERVED.sub(r"_\1", plain)) or "file"


def extension(name: str) -> str:
    """In lower case, without the dot; empty when there is none."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


def _shortened(name: str) -> str:
    """At most LONGEST_BYTES in UTF-8, the extension kept."""
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = name.removesuffix(suffix).encode()[: LONGEST_BYTES - len(suffix.encode())]
    return _AROUND.sub("", stem.decode(errors="ignore")) + suffix


def disposition(name: str, *, inline: bool) -> str:
    """The value of Content-Disposition (RFC 6266): an ASCII name for old clients, the true one by RFC 8187."""
    kind = "inline" if inline else "attachment"
    ascii_name = re.sub(r'[^\x20-\x7e]|["\\%;]', "_", name)
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHAR)}"


def unique_names() -> Callable[[str], str]:
    """A function that gives each path once, numbered from the second on; letter case makes no difference."""
    taken: set[str] = set()

    def unique(path: str) -> str:
        stem, suffix = str(PurePosixPath(path).with_suffix("")), PurePosixPath(path).suffix
        candidate, number = path, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{stem} ({number}){suffix}"
        taken.add(candidate.casefold())
        return candidate

    return unique
