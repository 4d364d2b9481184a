"""What a check of a package found: problems (the package is refused) and notes (it is not)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

CODES = {
    "not-a-zip": "the upload is no zip file, or a damaged one",
    "too-large": "the zip, an entry, a row or a field is larger than allowed",
    "too-many-entries": "the zip has more entries than allowed",
    "too-many-rows": "a file has more rows than allowed",
    "suspicious-ratio": "an entry unpacks to far more than it takes (a zip bomb)",
    "unsafe-name": "an entry's name holds a folder, a drive, `..` or a control character",
    "unsafe-entry": "an entry is a link, a device, encrypted, or packed by an unusual method",
    "duplicate-entry": "two entries have the same name",
    "unknown-file": "an entry is no file of OneRoster 1.2",
    "missing-file": "a file that is needed, or announced as bulk, is not in the zip",
    "unexpected-file": "a file is in the zip though the manifest does not announce it",
    "wrong-version": "manifest.version is not 1.0 or oneroster.version is not 1.2",
    "delta": "a file is announced as delta that is imported as bulk only, or beside a bulk one it belongs to",
    "duplicate-property": "a property of the manifest is given twice",
    "encoding": "the bytes are not UTF-8",
    "control-character": "a field holds a control character",
    "bad-csv": "a row breaks the rules of CSV",
    "missing-header": "a column is missing",
    "unknown-header": "a column is not one of the file's",
    "duplicate-header": "a column is there twice",
    "misplaced-header": "the columns are not in the order of the specification",
    "wrong-columns": "a row has more or fewer fields than the header",
    "missing-value": "a required field is empty",
    "bad-value": "a value is not of its column's type, or out of its range",
    "to-be-deleted": "status `tobedeleted` belongs into a delta package",
    "duplicate-id": "two rows of a file have the same sourcedId",
    "duplicate-email": "two users have the same e-mail address",
    "duplicate-row": "two rows say the same thing under different ids",
    "unknown-reference": "a sourcedId is not in the file it refers to",
    "wrong-reference": "a reference leads to a row that cannot be meant",
    "no-school": "no org is of type school",
    "several-schools": "more than one org is of type school",
    "conflicting-roles": "a user has two primary roles that differ",
    "role-mismatch": "a user is enrolled as what the user's role does not allow",
    "roles-left": "a role is to be deleted, and what its user is without it is not in the package",
    "no-email": "note: an account without an e-mail address cannot sign in",
    "no-role": "note: a user without a role gets no account",
    "skipped-role": "note: the role has no account here",
    "skipped-enrollment": "note: an enrollment as administrator changes nothing",
    "not-enrolled": "note: the result's student is not enrolled in the class, so it counts nowhere",
    "above-maximum": "note: the score is above the line item's maximum",
    "not-imported": "note: the file is valid OneRoster, but nothing of it is used",
}


class Problem(NamedTuple):
    """One finding; `line` counts from 1 (the header), `field` is a column's name."""

    file: str
    line: int | None
    field: str | None
    code: str
    message: str

    def as_dict(self) -> dict[str, str | int | None]:
        """The problem as JSON-ready data."""
        return self._asdict()


class BrokenPackage(Exception):
    """The package cannot be read; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.file}:{p.line}: {p.message}" for p in problems[:3]))
        self.problems = list(problems)


@dataclass(slots=True)
class Findings:
    """The first `cap` findings, and how many there were."""

    cap: int = 200
    items: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problem: Problem) -> None:
        """Count the problem and keep it unless there are enough."""
        self.count += 1
        if len(self.items) < self.cap:
            self.items.append(problem)


class Log:
    """Collects problems and notes while a package is read."""

    def __init__(self, cap: int = 200) -> None:
        self.problems = Findings(cap)
        self.notes = Findings(cap)

    def problem(self, file: str, line: int | None, field: str | None, code: str, message: str) -> None:
        """Record a reason to refuse the package."""
        self.problems.add(Problem(file, line, field, code, message))

    def note(self, file: str, line: int | None, field: str | None, code: str, message: str) -> None:
        """Record what the reader of the report should know."""
        self.notes.add(Problem(file, line, field, code, message))


class StrictLog(Log):
    """Raises `BrokenPackage` at the first problem."""

    def problem(self, file: str, line: int | None, field: str | None, code: str, message: str) -> None:
        """Refuse the package now."""
        raise BrokenPackage([Problem(file, line, field, code, message)])


def shown(text: str, limit: int = 60) -> str:
    """A value as it may be quoted in a message: short, without control characters."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return ascii(cut)[1:-1] if not cut.isprintable() else cut
