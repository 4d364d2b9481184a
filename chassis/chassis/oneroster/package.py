"""Opens the zip of a package without trusting it, and streams the lines of its files."""

import errno
import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

from chassis.oneroster.report import BrokenPackage, Problem, shown

PACKAGE = "(package)"
_END = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR = b"PK\x06\x07"
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*\.csv")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
            OverflowError, struct.error, IndexError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read; sizes in bytes, `field` in characters, `record` the bytes of one row."""

    zip_size: int = 200 * 2**20
    entries: int = 64
    file_size: int = 512 * 2**20
    total_size: int = 2**30
    ratio: int = 100
    ratio_from: int = 2**20
    rows: int = 2_000_000
    field: int = 20_000
    record: int = 128 * 2**10
    problems: int = 200


def refusal(code: str, message: str, file: str = PACKAGE) -> BrokenPackage:
    """The error of a package that is refused as a whole."""
    return BrokenPackage([Problem(file, None, None, code, message)])


@contextmanager
def damage_reported(file: str = PACKAGE) -> Iterator[None]:
    """Turn whatever zipfile raises on hostile bytes into `BrokenPackage`."""
    try:
        yield
    except _DAMAGED as error:
        raise refusal("not-a-zip", f"the zip file is damaged ({shown(str(error))})", file) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # EINVAL: an offset that points before the file's start
            raise
        raise refusal("not-a-zip", "the zip file is damaged (bad offset)", file) from error


class Package:
    """An open package. Use as a context manager; raises `BrokenPackage` if the zip is not safe to read."""

    def __init__(self, source: Path | str | BinaryIO, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._owned = isinstance(source, Path | str)
        self._file: BinaryIO = (
            Path(source).open("rb") if isinstance(source, Path | str) else source  # noqa: SIM115 - close()
        )
        try:
            self._zip = _opened(self._file, self.limits)
            self.entries = _checked(self._zip.infolist(), self.limits)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file if this object opened it."""
        if self._owned:
            self._file.close()

    def has(self, name: str) -> bool:
        """Whether the file is in the package."""
        return name in self.entries

    @cached_property
    def sha256(self) -> str:
        """The hash of the zip's bytes, in hex."""
        return _sha256(self._file)

    def lines(self, name: str) -> "Lines":
        """The decoded lines of a file."""
        with damage_reported(name):
            return Lines(name, self._zip.open(self.entries[name]), self.limits)


def _opened(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    size = file.seek(0, io.SEEK_END)
    if size > limits.zip_size:
        raise refusal("too-large", f"the zip has {size} bytes, allowed are {limits.zip_size}")
    _check_directory(file, size, limits)
    with damage_reported():
        return zipfile.ZipFile(file)


def _check_directory(file: BinaryIO, size: int, limits: Limits) -> None:
    """Refuse a large central directory before zipfile reads all of it into memory."""
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = len(tail) - _END.size if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise refusal("not-a-zip", "this is no zip file")
    directory = _END.unpack_from(tail, at)[5]
    if tail[max(0, at - 20) :].startswith(_ZIP64_LOCATOR) or directory > limits.entries * 1024:
        raise refusal("too-many-entries", f"the zip's directory is too large; allowed are {limits.entries} entries")


def _checked(infos: list[zipfile.ZipInfo], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    if len(infos) > limits.entries:
        raise refusal("too-many-entries", f"the zip has {len(infos)} entries, allowed are {limits.entries}")
    problems = [problem for info in infos for problem in _entry_problems(info, limits)]
    problems += _repeated([info.orig_filename for info in infos])
    total = sum(info.file_size for info in infos)
    if total > limits.total_size:
        message = f"the files have {total} bytes in all, allowed are {limits.total_size}"
        problems.append(Problem(PACKAGE, None, None, "too-large", message))
    if problems:
        raise BrokenPackage(problems)
    return {info.filename: info for info in infos}


def _repeated(names: list[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            yield Problem(shown(name), None, None, "duplicate-entry", "two entries have this name")
        seen.add(name.casefold())


def _entry_problems(info: zipfile.ZipInfo, limits: Limits) -> Iterator[Problem]:
    name = shown(info.orig_filename)
    if _is_unsafe(info.orig_filename):
        yield Problem(name, None, None, "unsafe-name", "an entry is a plain file name, without folders")
    elif not _PLAIN_NAME.fullmatch(info.orig_filename):
        yield Problem(name, None, None, "unknown-file", "this is no file of OneRoster 1.2")
    if reason := _unusual(info):
        yield Problem(name, None, None, "unsafe-entry", reason)
    if info.file_size > limits.file_size:
        message = f"the file has {info.file_size} bytes, allowed are {limits.file_size}"
        yield Problem(name, None, None, "too-large", message)
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * info.compress_size:
        message = f"{info.compress_size} bytes unpack to {info.file_size}, allowed is 1:{limits.ratio}"
        yield Problem(name, None, None, "suspicious-ratio", message)


def _is_unsafe(name: str) -> bool:
    return any(mark in name for mark in ("/", "\\", ":", "..")) or not name.isprintable() or not name.strip()


def _unusual(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 0x2041:
        return "the entry is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "the entry is packed by a method other than deflate"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "the entry is a link or a device, not a file"
    return None


class Lines:
    """Iterates over a file's lines as text.

    `suspect` is set when a line since the last `reset` was no UTF-8 or held a control character,
    `pending` counts the bytes since then.
    """

    def __init__(self, name: str, stream: IO[bytes], limits: Limits) -> None:
        self.name = name
        self.suspect = False
        self.pending = 0
        self._limit = limits.record
        self._stream = stream

    def reset(self) -> None:
        """Begin a new row."""
        self.suspect = False
        self.pending = 0

    def __iter__(self) -> Iterator[str]:
        with damage_reported(self.name), self._stream as stream:
            yield from self._decoded(io.BufferedReader(stream, 2**16).readline)  # type: ignore[type-var]

    def _decoded(self, readline: Callable[[int], bytes]) -> Iterator[str]:
        control, limit = _CONTROL.search, self._limit
        raw = readline(limit + 1)
        self.pending = len(raw)
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        while raw:
            if self.pending > limit:
                raise TooLong
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                text, self.suspect = raw.decode(errors="replace"), True
            if control(text):
                self.suspect = True
            yield text
            raw = readline(limit + 1)
            self.pending += len(raw)


class TooLong(Exception):
    """A row has more bytes than allowed."""


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()


def sha256_of(source: Path | str) -> str:
    """The hash of a file's bytes, in hex, read block by block."""
    with Path(source).open("rb") as file:
        return _sha256(file)
