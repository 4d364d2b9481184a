"""What a client may send, and what ends its socket."""

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.realtime.codes import Close
from chassis.realtime.parser import MAX_FRAGMENTS, MAX_MESSAGE_BYTES, Opcode, Parser, UnreadableError

TEXT, CONTINUATION, PING, CLOSE = Opcode.TEXT, Opcode.CONTINUATION, Opcode.PING, Opcode.CLOSE


def frame(
    opcode: int, content: bytes = b"", *, fin: bool = True, masked: bool = True, size: int | None = None
) -> bytes:
    """A client's frame as RFC 6455, 5.2 draws it; `size` other than its content's is a lie."""
    size = len(content) if size is None else size
    width = 0 if size < 126 else 2 if size < 65536 else 8
    told = size if not width else 126 if width == 2 else 127
    head = (
        bytes((opcode | (0x80 if fin else 0), told | (0x80 if masked else 0)))
        + size.to_bytes(width or 1, "big")[:width]
    )
    if not masked:
        return head + content
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[place & 3] for place, byte in enumerate(content))


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """In pieces, at these places as far as they are within."""
    within = sorted(place % (len(content) + 1) for place in places)
    return [content[first:last] for first, last in pairwise([0, *within, len(content)])]


def sent(content: bytes, places: list[int], pings: list[bytes]) -> bytes:
    """A message in fragments, with a ping after each as long as there are some."""
    pieces, waiting, data = cut(content, places), list(pings), b""
    for number, piece in enumerate(pieces):
        data += frame(CONTINUATION if number else TEXT, piece, fin=number == len(pieces) - 1)
        if waiting:
            data += frame(PING, waiting.pop())
    return data


PLACES = st.lists(st.integers(0, 1 << 16), max_size=6)
MESSAGES = st.lists(
    st.tuples(st.binary(max_size=9_000), PLACES, st.lists(st.binary(max_size=125), max_size=2)), max_size=4
)


@given(MESSAGES, PLACES)
def test_messages_however_they_are_cut(messages: list[tuple[bytes, list[int], list[bytes]]], places: list[int]) -> None:
    """GUARANTEES 51: fragments and the transport's pieces change nothing; controls may stand between."""
    parser, whole = Parser(), b"".join(sent(*message) for message in messages)
    found = [item for piece in cut(whole, places) for item in parser.feed(piece)]
    assert [content for opcode, content in found if opcode == TEXT] == [message[0] for message in messages]
    pings = [ping for content, at, given in messages for ping in given[::-1][: len(cut(content, at))]]
    assert [content for opcode, content in found if opcode == PING] == pings


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"hi", masked=False), Close.PROTOCOL),
        (frame(TEXT | 0x40, b"compressed"), Close.PROTOCOL),
        (frame(3, b"unknown"), Close.PROTOCOL),
        (frame(11), Close.PROTOCOL),
        (frame(CONTINUATION, b"of nothing"), Close.PROTOCOL),
        (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), Close.PROTOCOL),
        (frame(PING, b"x", fin=False), Close.PROTOCOL),
        (frame(PING, b"x" * 126), Close.PROTOCOL),
        (frame(CLOSE, b"x" * 200), Close.PROTOCOL),
        (frame(Opcode.BINARY, b"x"), Close.BINARY),
        (frame(TEXT, size=MAX_MESSAGE_BYTES + 1), Close.TOO_BIG),
        (frame(TEXT, size=10_000_000), Close.TOO_BIG),
        (frame(TEXT, size=(1 << 64) - 1), Close.TOO_BIG),
        (frame(TEXT, b"x" * 9000, fin=False) + frame(CONTINUATION, size=9000), Close.TOO_BIG),
        (frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * MAX_FRAGMENTS, Close.TOO_BIG),
    ],
)  # fmt: skip
def test_what_ends_a_socket(data: bytes, code: Close) -> None:
    """GUARANTEES 51: lies, unmasked, too large and endless frames are refused by their headers alone."""
    with pytest.raises(UnreadableError) as refused:
        list(Parser().feed(data))
    assert refused.value.code is code


def test_the_largest_message() -> None:
    largest = os.urandom(MAX_MESSAGE_BYTES)
    assert list(Parser().feed(frame(TEXT, largest))) == [(TEXT, largest)]
