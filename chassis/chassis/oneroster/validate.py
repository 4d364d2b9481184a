"""Checks a whole package before anything of it is written."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from chassis.oneroster.checks import CHECKS, Known
from chassis.oneroster.files import AUTH_FILES, GRADEBOOK_FILES, SPECS, FileSpec, Org
from chassis.oneroster.keys import Keys
from chassis.oneroster.manifest import check_manifest, deltas
from chassis.oneroster.package import Limits, Package
from chassis.oneroster.reader import Progress, Unreadable, read
from chassis.oneroster.report import BrokenPackage, Log, Problem, shown


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: `problems` and `notes` hold the first ones, the counts all of them."""

    sha256: str
    school: Org | None
    counts: dict[str, int]
    problems: list[Problem]
    problem_count: int
    notes: list[Problem]
    note_count: int

    @property
    def ok(self) -> bool:
        """Whether the package may be applied."""
        return self.problem_count == 0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        school = {"source_id": self.school.sourced_id, "name": self.school.name} if self.school else None
        return {
            "sha256": self.sha256,
            "school": school,
            "counts": self.counts,
            "problems": [problem.as_dict() for problem in self.problems],
            "problem_count": self.problem_count,
            "notes": [note.as_dict() for note in self.notes],
            "note_count": self.note_count,
        }


def validate(
    source: Path | str | BinaryIO,
    files: frozenset[str] = AUTH_FILES,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    may_be_delta: frozenset[str] = frozenset(),
) -> Report:
    """Check every file of the package, references included; `files` are those that must be there.

    The files of the gradebook may be missing all the same. Of `may_be_delta` a package may hold only what changed; then
    no other file is needed, and references lead out of the package. Never raises for a bad package.
    `progress(file, rows)` is called now and then, and may raise to stop.
    """
    limits = limits or Limits()
    log = Log(limits.problems)
    known = Known()
    counts: dict[str, int] = {}
    sha256 = ""
    try:
        with Package(source, limits) as package:
            sha256 = package.sha256
            known.deltas = deltas(package) & may_be_delta
            needed = frozenset() if known.deltas else _needed(package, files)
            if check_manifest(package, needed, log, may_be_delta):
                counts = {spec.name: _check_file(package, spec, known, log, progress) for spec in _present(package)}
    except BrokenPackage as error:
        for problem in error.problems:
            log.problems.add(problem)
    return Report(
        sha256, known.school, counts, log.problems.items, log.problems.count, log.notes.items, log.notes.count
    )


def _present(package: Package) -> list[FileSpec[Any]]:
    return [spec for spec in SPECS.values() if package.has(spec.name)]


def _needed(package: Package, files: frozenset[str]) -> frozenset[str]:
    """The files asked for, and those that a file of the package must refer to."""
    referred = {
        column.refers for spec in _present(package) for column in spec.columns.values()
        if column.refers and column.required
    }  # fmt: skip
    return frozenset(AUTH_FILES | (files - GRADEBOOK_FILES) | referred)


def _check_file(package: Package, spec: FileSpec[Any], known: Known, log: Log, progress: Progress | None) -> int:
    if spec.name in known.deltas:
        spec = spec.as_delta()
    check = _Check(package, spec, known, log)
    count = 0
    try:
        for line, row in read(package, spec, log, progress, check.ids.reject):
            count += 1
            check.row(line, row)
    except Unreadable:
        known.forget(spec.name)
        return count
    check.finish()
    return count


@dataclass(slots=True)
class _Check:
    """The checks that every file gets: sourcedIds, references; and its own from `checks`."""

    package: Package
    spec: FileSpec[Any]
    known: Known
    log: Log
    ids: "Ids" = field(init=False)
    _references: list[tuple[int, str, str]] = field(init=False)
    _pending: list[tuple[int, str, str]] = field(default_factory=list)
    _own: Callable[[Known, Log, int, Any], None] | None = field(init=False)

    def __post_init__(self) -> None:
        self._references = self.spec.references()
        self._own = CHECKS.get(self.spec.name)
        referred = any(self.spec.name == file for spec in SPECS.values() for _, _, file in spec.references())
        self.ids = Ids(self.known.ids.setdefault(self.spec.name, {}) if referred else None)

    def row(self, line: int, row: Any) -> None:
        if not self.ids.add(row[0]):
            self.log.problem(self.spec.name, line, "sourcedId", "duplicate-id", f"`{shown(row[0])}` stands above")
        for at, name, file in self._references:
            if value := row[at]:
                if type(value) is str:
                    self._refer(line, name, file, value)
                else:
                    for one in value:
                        self._refer(line, name, file, one)
        if self._own:
            self._own(self.known, self.log, line, row)

    def _refer(self, line: int, name: str, file: str, value: str) -> None:
        if file in self.known.deltas or (self.known.deltas and not self.package.has(file)):
            return
        targets = self.known.targets(self.package, file)
        if targets is None or value in targets:
            if name == "schoolSourcedId" and self.known.school and value != self.known.school.sourced_id:
                message = f"`{shown(value)}` is not the package's school"
                self.log.problem(self.spec.name, line, name, "wrong-reference", message)
        elif file == self.spec.name:
            self._pending.append((line, name, value))
        else:
            self._unknown(line, name, file, value)

    def _unknown(self, line: int, name: str, file: str, value: str) -> None:
        message = f"`{shown(value)}` is not in {file}"
        self.log.problem(self.spec.name, line, name, "unknown-reference", message)

    def finish(self) -> None:
        own = self.known.ids.get(self.spec.name, {})
        for line, name, value in self._pending:
            if value not in own:
                self._unknown(line, name, self.spec.name, value)
        self._repeats(self.ids.keys, lambda row: row[0], "sourcedId", "duplicate-id")
        for keys, key, name, code in self.known.unique(self.spec.name):
            self._repeats(keys, key, name, code)
        self.known.finish(self.spec.name, self.log, whole=not self.ids.rejected)

    def _repeats(self, keys: Keys, key: Callable[[Any], Hashable], name: str, code: str) -> None:
        """Report the later rows whose key an earlier row has; hashes only say where to look."""
        repeated = keys.repeated()
        if not repeated:
            return
        first: dict[Hashable, int] = {}
        for line, row in self._again():
            value = key(row)
            if value is not None and Keys.number(value) in repeated:
                above = first.setdefault(value, line)
                if above != line:
                    self.log.problem(self.spec.name, line, name, code, f"the same as in line {above}")

    def _again(self) -> Iterator[tuple[int, Any]]:
        return read(self.package, self.spec, Log(0))


class Ids:
    """The sourcedIds of a file: a dictionary where other files refer to them, else hashes alone."""

    def __init__(self, positions: dict[str, int] | None) -> None:
        self._positions = positions
        self.keys = Keys()
        self.rejected = False

    def add(self, id_: str) -> bool:
        """Take an id in; False if it is known to be there twice."""
        if self._positions is None:
            self.keys.add(Keys.number(id_))
            return True
        before = len(self._positions)
        self._positions.setdefault(id_, before)
        return len(self._positions) > before

    def reject(self, id_: str) -> None:
        """Remember the id of a wrong row, so that references to it are not wrong as well."""
        self.rejected = True
        if self._positions is not None:
            self._positions.setdefault(id_, len(self._positions))
