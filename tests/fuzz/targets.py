"""What is fuzzed, with what it starts from, and the refusals that are its right answers. Anything else is a crash."""

import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson

from chassis.errors import Invalid
from chassis.oneroster import CLASSROOM_FILES, validate
from chassis.oneroster.testing import valid_parts, zipped
from chassis.realtime.codes import Close
from chassis.realtime.frames import RefusedError, parse
from chassis.realtime.parser import MAX_MESSAGE_BYTES, Parser, UnreadableError
from classroom.marks import sheet
from classroom.quizzes.bank.gift_reader import read_gift
from classroom.quizzes.live.wire import TAKING_IN
from files.names import LONGEST_BYTES, disposition, safe_name
from lecture_chat.wire import CLIENT_IN

PARTS = valid_parts().files
NAMES = sorted(PARTS)
STUDENT = "0190aaaa-0000-7000-8000-000000000001"
GIFT = """// a comment
$CATEGORY: top/algebra
::Sum:: What is 1 + 1? {=2 ~1 ~3#no}
::Pi:: About? {#3.14:0.01}
Match {=a -> 1 =b -> 2}
True?{T}
Many {~%50%a ~%50%b ~%-100%c}
Essay {}
"""
FRAMES = [
    {"type": "send", "client_id": "a", "body": "hello"},
    {"type": "hand", "up": True},
    {"type": "react", "seq": 1, "emoji": "👍"},
    {"type": "answer", "question_id": STUDENT, "value": {"number": "1,5"}, "rev": 3},
    {"type": "refresh", "token": "x"},
]


# Frames whose mask is zero: a text, a ping, a text in two fragments, one with a longer length, a goodbye.
SENT = [
    b"\x81\x85\0\0\0\0hello",
    b"\x89\x80\0\0\0\0" + b"\x01\x81\0\0\0\0a" + b"\x80\x81\0\0\0\0b",
    b"\x81\xfe\x00\x7e\0\0\0\0" + bytes(126),
    b"\x88\x82\0\0\0\0\x03\xe8",
]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser: `run` may raise only `refusals`."""

    run: Callable[[bytes], object]
    seeds: Iterable[bytes]
    refusals: tuple[type[Exception], ...] = ()


def roster(data: bytes) -> None:
    """The whole zip."""
    validate(io.BytesIO(data), CLASSROOM_FILES)


def roster_file(data: bytes) -> None:
    """One file of a valid package; the first byte says which. Its report must have JSON, too."""
    if data:
        name = NAMES[data[0] % len(NAMES)]
        files = PARTS | {name: data[1:]}
        orjson.dumps(validate(io.BytesIO(zipped(files.items())), CLASSROOM_FILES).as_dict())


def frame(data: bytes) -> None:
    """A frame of a lecture's and of a quiz's socket; which refusal it gets does not keep the other from it."""
    for incoming in (CLIENT_IN, TAKING_IN):
        try:
            parse(incoming, data.decode("utf-8", "replace"))
        except (RefusedError, UnreadableError):
            continue


def socket(data: bytes) -> None:
    """What a socket is sent means the same, whether it arrives at once or byte by byte."""
    assert _heard([data]) == _heard([data[place : place + 1] for place in range(len(data))])


def _heard(pieces: Iterable[bytes]) -> tuple[list[tuple[int, bytes]], Close | None]:
    parser = Parser()
    heard: list[tuple[int, bytes]] = []
    try:
        for piece in pieces:
            for message in parser.feed(piece):
                heard.append(message)
    except UnreadableError as error:
        return heard, error.code
    assert all(len(content) <= MAX_MESSAGE_BYTES for _, content in heard)
    return heard, None


def file_name(data: bytes) -> None:
    """A name stays itself when made safe again, is never empty or long, and breaks no header."""
    name = safe_name(_text(data))
    assert name == safe_name(name)
    assert 0 < len(name.encode()) <= LONGEST_BYTES
    assert all(" " <= character <= "~" for character in disposition(name, inline=False))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _marks() -> bytes:
    return f"student_id,name,Quiz [{STUDENT}]\r\n{STUDENT},Ada,7.5\r\n".encode()


TARGETS = {
    "roster": Target(roster, [zipped(PARTS.items())], (zipfile.LargeZipFile,)),
    "roster-file": Target(roster_file, [bytes([number]) + PARTS[name] for number, name in enumerate(NAMES)]),
    "gift": Target(lambda data: read_gift(_text(data)), [GIFT.encode()]),
    "marks": Target(lambda data: sheet.read(_text(data)), [_marks()], (Invalid,)),
    "frames": Target(frame, [orjson.dumps(one) for one in FRAMES]),
    "socket": Target(socket, SENT),
    "file-names": Target(file_name, ["Grüße.pdf".encode(), b"../x\r\n.png"]),
}
