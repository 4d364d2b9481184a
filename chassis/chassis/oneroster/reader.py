"""From the lines of a file to its typed rows."""

import csv
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from chassis.oneroster.files import FileSpec, R, spec_of
from chassis.oneroster.package import Lines, Package, TooLong
from chassis.oneroster.report import BrokenPackage, Log, StrictLog, shown
from chassis.oneroster.values import ToBeDeleted

if TYPE_CHECKING:
    from _csv import Reader

_TICK = 5_000
Progress = Callable[[str, int], None]
Typed = list[tuple[int, Callable[[str], Any] | None, bool, str]]


def rows(package: Package, kind: type[R], *, delta: bool = False) -> Iterator[R]:
    """The rows of a file, streamed; raises `BrokenPackage` at the first bad one. An absent file has none."""
    spec = spec_of(kind).as_delta() if delta else spec_of(kind)
    if package.has(spec.name):
        for _, row in read(package, spec, StrictLog()):
            yield row


def chunks(
    package: Package, kind: type[R], size: int = 1000, start: int = 0, *, delta: bool = False
) -> Iterator[tuple[int, list[R]]]:
    """Lists of up to `size` rows with the number of rows done after each, from row number `start` on."""
    part: list[R] = []
    done = 0
    for done, row in enumerate(rows(package, kind, delta=delta), start=1):
        if done > start:
            part.append(row)
        if len(part) == size:
            yield done, part
            part = []
    if part:
        yield done, part


def read(
    package: Package,
    spec: FileSpec[R],
    log: Log,
    progress: Progress | None = None,
    rejected: Callable[[str], None] | None = None,
) -> Iterator[tuple[int, R]]:
    """(line, row) of every row that is right in itself; what is wrong goes to the log.

    `rejected` is told the sourcedIds of the wrong rows. Raises `Unreadable` like `records`.
    """
    columns = list(spec.columns.items())
    typed: Typed = [(at, c.parse, c.required, name) for at, (name, c) in enumerate(columns) if c.parse or c.required]
    width, make = len(columns), spec.row._make  # type: ignore[attr-defined]
    for line, record, right in records(package, spec.name, spec.headers, log, progress):
        if right and _convert(record, typed, spec.name, line, log):
            yield line, make(record[:width])
        elif rejected and record[0]:
            rejected(record[0])


def _convert(record: list[Any], typed: Typed, file: str, line: int, log: Log) -> bool:
    right = True
    for at, parse, required, name in typed:
        text = record[at]
        if not text:
            if required:
                right = False
                log.problem(file, line, name, "missing-value", f"{name} is empty")
            elif parse:
                record[at] = None
        elif parse:
            try:
                record[at] = parse(text)
            except ToBeDeleted as error:
                right = False
                log.problem(file, line, name, "to-be-deleted", str(error))
            except ValueError as error:
                right = False
                log.problem(file, line, name, "bad-value", f"{name} `{shown(text)}`: {error}")
    return right


def records(
    package: Package, file: str, headers: tuple[str, ...], log: Log, progress: Progress | None = None
) -> Iterator[tuple[int, list[str], bool]]:
    """(line, fields, whether columns and text are right) of every row after the header.

    Raises `Unreadable` where nothing after can be read; the log then says why.
    """
    lines, limits = package.lines(file), package.limits
    reader = csv.reader(lines, strict=True)
    header = _header(reader, lines, headers, log)
    count, width = 0, len(header)
    for line, record in _numbered(reader, lines, log):
        count += 1
        if count > limits.rows:
            log.problem(file, line, None, "too-many-rows", f"allowed are {limits.rows} rows")
            raise Unreadable(file)
        if progress and count % _TICK == 0:
            progress(file, count)
        right = len(record) == width
        if not right:
            log.problem(file, line, None, "wrong-columns", f"the row has {len(record)} fields, the header {width}")
        elif lines.suspect or lines.pending > limits.field:
            right = _check_text(lines, header, record, line, limits.field, log)
        yield line, record, right
    if progress:
        progress(file, count)


def _numbered(reader: "Reader", lines: Lines, log: Log) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1
        lines.reset()
        record = _next(reader, lines, log)
        if record is None:
            return
        if record:
            yield line, record


def _header(reader: "Reader", lines: Lines, expected: tuple[str, ...], log: Log) -> list[str]:
    header = _next(reader, lines, log)
    if not header:
        log.problem(lines.name, 1, expected[0], "missing-header", "the file has no header")
    elif _check_header(lines.name, header, expected, log):
        return header
    raise Unreadable(lines.name)


class Unreadable(Exception):
    """The rest of a file cannot be read; the reason is in the log."""


def _next(reader: "Reader", lines: Lines, log: Log) -> list[str] | None:
    line = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        log.problem(lines.name, line, None, "bad-csv", f"bad CSV: {shown(str(error))}")
    except TooLong:
        log.problem(lines.name, line, None, "too-large", "the row is longer than allowed")
    except BrokenPackage as error:
        for problem in error.problems:
            log.problem(problem.file, line, problem.field, problem.code, problem.message)
    raise Unreadable(lines.name)


def _check_text(lines: Lines, header: list[str], record: list[str], line: int, limit: int, log: Log) -> bool:
    """Find the fields that made the row suspect."""
    right = not lines.suspect
    for name, text in zip(header, record, strict=True):
        if len(text) > limit:
            right = False
            log.problem(lines.name, line, name, "too-large", f"{name} is longer than {limit} characters")
        elif lines.suspect and "\ufffd" in text:
            log.problem(lines.name, line, name, "encoding", f"{name} is not UTF-8: `{shown(text)}`")
        elif lines.suspect and not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
            log.problem(lines.name, line, name, "control-character", f"{name} holds a control character")
    return right


def _check_header(file: str, header: list[str], expected: tuple[str, ...], log: Log) -> bool:
    """Report every wrong column by name."""
    found = log.problems.count
    seen: set[str] = set()
    for name in header:
        if name in seen:
            log.problem(file, 1, shown(name), "duplicate-header", f"column {shown(name)} is there twice")
        elif name not in expected and not name.startswith("metadata."):
            log.problem(file, 1, shown(name), "unknown-header", f"`{shown(name)}` is no column of {file}")
        seen.add(name)
    for name in expected:
        if name not in seen:
            log.problem(file, 1, name, "missing-header", f"column {name} is missing")
    if log.problems.count == found:
        _check_order(file, header, expected, log)
    return log.problems.count == found


def _check_order(file: str, header: list[str], expected: tuple[str, ...], log: Log) -> None:
    for name, wanted in zip(header, expected, strict=False):
        if name != wanted:
            message = f"column {shown(name)} is where {wanted} belongs"
            log.problem(file, 1, shown(name), "misplaced-header", message)
            return
