"""How a fragment is stored: what it takes to compare it without parsing it, then its JSON.

First the school's epoch at which it was read (8 bytes, big-endian). What changes very many fragments at once, such as
an import, raises the epoch: older fragments are then refused.

Then its version, 25 characters of text: `<position>.<digest>`, both 12 hexadecimal digits. The position tells which of
two readings is newer, as text (`snapshot_position` in SQL); equal digests mean equal content.
"""

from collections.abc import Iterable
from hashlib import blake2b

from chassis.db import Row

_EPOCH = 8
_DIGITS = 12
_DIGEST = slice(_EPOCH + _DIGITS + 1, _EPOCH + 2 * _DIGITS + 1)
_VERSION = slice(_EPOCH, _DIGEST.stop)
_VALUE = slice(_DIGEST.stop, None)
# A fragment of what does not exist: older than every epoch, and empty.
ABSENT = bytes(_EPOCH)


def stored(row: Row) -> bytes:
    """A fragment from its `fragment` (JSON text, or NULL for none), `position` and `epoch`."""
    value: bytes = (row["fragment"] or "").encode()
    digest = blake2b(value, digest_size=_DIGITS // 2).hexdigest()
    epoch: int = row["epoch"]
    return b"%b%012x.%b%b" % (epoch.to_bytes(_EPOCH, "big"), row["position"], digest.encode(), value)


def epoch_of(fragment: bytes) -> bytes:
    """The epoch it was read at; comparable."""
    return fragment[:_EPOCH]


def version_of(fragment: bytes) -> bytes:
    """The version, as it is shown; comparable."""
    return fragment[_VERSION]


def digest_of(fragment: bytes) -> bytes:
    """What stands for its content."""
    return fragment[_DIGEST]


def digests_of(fragments: Iterable[bytes]) -> bytes:
    """What stands for the content of all."""
    return b"".join([fragment[_DIGEST] for fragment in fragments])


def digest_in(version: str) -> bytes:
    """What stands for the content of a version as it was shown; nothing for what is none."""
    return version[_DIGITS + 1 :].encode()


def value_of(fragment: bytes) -> bytes:
    """Its JSON; empty for what does not exist."""
    return fragment[_VALUE]


def values_of(fragments: Iterable[bytes]) -> list[bytes]:
    """The JSON of each."""
    return [fragment[_VALUE] for fragment in fragments]
