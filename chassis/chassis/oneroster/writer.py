"""Writes packages: the row types that are read, as CSV in a zip that is made while it is sent."""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from chassis.oneroster.files import NOT_IMPORTED, SPECS

_LAYOUT = "\n\r\t"


class PackageWriter:
    """A bulk package that grows row by row, file after file; `take` hands over the bytes that are finished."""

    def __init__(self, files: Iterable[str]) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._zip.writestr("manifest.csv", manifest(files))
        self._file: IO[bytes] | None = None
        self._name = ""

    def add(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows to a file; one that is begun ends the one before."""
        if name != self._name or self._file is None:
            self._end()
            self._name, self._file = name, self._zip.open(name, "w")
            self._file.write(_lines([SPECS[name].headers]))
        self._file.write(_lines(rows))

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()

    def take(self) -> bytes:
        """What is finished by now and was not taken before."""
        return self._sink.take()

    def close(self) -> bytes:
        """End the package; returns what is left of it."""
        self._end()
        self._zip.close()
        return self.take()


class _Sink:
    """What a zip is written to that nobody seeks in."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


def manifest(present: Iterable[str]) -> bytes:
    """The manifest of a bulk package with these files."""
    held = set(present)
    names = sorted(SPECS.keys() | NOT_IMPORTED)
    rows = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    rows += [(f"file.{name[:-4]}", "bulk" if name in held else "absent") for name in names]
    return _lines(rows)


def _lines(rows: Iterable[tuple[Any, ...]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([_cell(value) for value in row] for row in rows)
    return target.getvalue().encode()


def _cell(value: Any) -> str:
    """As `values` reads it again; control characters, which no package may hold, are left out."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return f"{value:f}"
        case tuple():
            return ",".join(map(str, value))
    return "".join(character for character in str(value) if character >= " " or character in _LAYOUT)
