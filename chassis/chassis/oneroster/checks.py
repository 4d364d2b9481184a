"""The checks that one kind of file gets besides those that all get."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chassis.oneroster.files import AcademicSession, Enrollment, LineItem, Org, Result, RoleRow, User
from chassis.oneroster.keys import Keys, pair
from chassis.oneroster.package import Package
from chassis.oneroster.people import ROLES, Roles, full_name
from chassis.oneroster.report import Log, shown
from chassis.oneroster.values import LONGEST_NAME

Unique = tuple[Keys, Callable[[Any], Hashable], str, str]


@dataclass(slots=True)
class Known:
    """What the files read so far say, as compactly as the later ones need it."""

    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    school: Org | None = None
    roles: Roles | None = None
    items: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    emails: Keys = field(default_factory=Keys)
    seats: Keys = field(default_factory=Keys)
    students: Keys = field(default_factory=Keys)
    results: Keys = field(default_factory=Keys)
    deltas: frozenset[str] = frozenset()
    deleted: set[str] = field(default_factory=set)
    without: dict[str, int] = field(default_factory=dict)

    def targets(self, package: Package, file: str) -> dict[str, int] | None:
        """The ids of a file; None if it could not be read, so that nothing can be said."""
        found = self.ids.get(file)
        return {} if found is None and not package.has(file) else found

    def forget(self, file: str) -> None:
        """Say nothing more about a file that could not be read to its end."""
        self.ids.pop(file, None)
        if file == "roles.csv":
            self.roles = None

    def place(self, file: str, id_: str, user: str) -> int | None:
        """The key of (row of a file, user); None if one is unknown, which is reported elsewhere."""
        at, user_at = self.ids.get(file, {}).get(id_), self.ids.get("users.csv", {}).get(user)
        return None if at is None or user_at is None else pair(at, user_at)

    def seat(self, row: Enrollment) -> int | None:
        """The (class, user) of an enrollment; None for one that makes nobody a member."""
        if row.taught_as is None or row.status == "tobedeleted":
            return None
        return self.place("classes.csv", row.class_sourced_id, row.user_sourced_id)

    def result(self, row: Result) -> int | None:
        """The (line item, student) of a result; None for one that is to go."""
        if row.status == "tobedeleted":
            return None
        return self.place("lineItems.csv", row.line_item_sourced_id, row.student_sourced_id)

    def unique(self, file: str) -> list[Unique]:
        """What must be unique in a file besides its ids: (keys, key of a row, column, code)."""
        if file == "users.csv":
            return [(self.emails, address, "email", "duplicate-email")]
        if file == "enrollments.csv":
            return [(self.seats, self.seat, "userSourcedId", "duplicate-row")]
        if file == "results.csv":
            return [(self.results, self.result, "studentSourcedId", "duplicate-row")]
        return []

    def finish(self, file: str, log: Log, *, whole: bool) -> None:
        """The checks due when a file has been read; `whole` if no row of it was wrong."""
        if file == "orgs.csv" and whole and self.school is None:
            log.problem(file, None, "type", "no-school", "no org is of type school")
        elif file == "roles.csv" and file in self.deltas:
            self._roles_left(log)
        elif file == "roles.csv" and not whole:
            self.roles = None
        elif file == "roles.csv" and self.roles:
            for user in self.ids.get("users.csv", {}):
                if user not in self.roles:
                    log.note("users.csv", None, "sourcedId", "no-role", f"`{shown(user)}` has no role: no account")
        elif file == "enrollments.csv":
            self.students.sort()

    def _roles_left(self, log: Log) -> None:
        """A user who loses a primary role must get another, or be deleted: what else they are is not told."""
        for user, line in self.without.items():
            if user not in self.deleted and (self.roles is None or user not in self.roles):
                message = f"`{shown(user)}` keeps which role? Send it as active, or the user as tobedeleted"
                log.problem("roles.csv", line, "status", "roles-left", message)


def address(user: User) -> str | None:
    """The e-mail address as it is compared."""
    return user.email.lower() if user.email else None


def _org(known: Known, log: Log, line: int, org: Org) -> None:
    if org.type != "school":
        return
    if known.school:
        log.problem("orgs.csv", line, "type", "several-schools", "a package holds one school; this is another")
    known.school = known.school or org


def _session(_: Known, log: Log, line: int, session: AcademicSession) -> None:
    if session.end_date < session.start_date:
        log.problem("academicSessions.csv", line, "endDate", "bad-value", "the end is before the start")


def _user(known: Known, log: Log, line: int, user: User) -> None:
    if user.status == "tobedeleted":
        known.deleted.add(user.sourced_id)
        return
    if not 1 <= len(full_name(user)) <= LONGEST_NAME:
        message = f"a full name, with what is preferred, has 1 to {LONGEST_NAME} characters"
        log.problem("users.csv", line, "familyName", "bad-value", message)
    if email := address(user):
        known.emails.add(Keys.number(email))
    else:
        log.note("users.csv", line, "email", "no-email", f"`{shown(user.sourced_id)}` cannot sign in")


def _role(known: Known, log: Log, line: int, row: RoleRow) -> None:
    if row.status == "tobedeleted":
        if row.role_type == "primary":
            known.without.setdefault(row.user_sourced_id, line)
        return
    if known.roles is None:
        known.roles = Roles(known.school.sourced_id if known.school else None)
    if not known.roles.add(row):
        message = f"`{shown(row.user_sourced_id)}` has another primary role above"
        log.problem("roles.csv", line, "role", "conflicting-roles", message)
    if row.role not in ROLES and row.role_type == "primary":
        message = f"`{shown(row.user_sourced_id)}` gets no account as {row.role}"
        log.note("roles.csv", line, "role", "skipped-role", message)


def _enrollment(known: Known, log: Log, line: int, row: Enrollment) -> None:
    if row.status == "tobedeleted":
        return
    if row.taught_as is None:
        log.note("enrollments.csv", line, "role", "skipped-enrollment", f"nothing follows from role {row.role}")
        return
    seat = known.seat(row)
    known.seats.add(seat)
    if row.taught_as == "student":
        known.students.add(seat)
    if known.roles and row.user_sourced_id in known.ids.get("users.csv", ()):
        has = known.roles.of(row.user_sourced_id)
        if has is None or (has == "student") != (row.taught_as == "student"):
            message = f"`{shown(row.user_sourced_id)}` is enrolled as {row.role}, but is {has or 'without account'}"
            log.problem("enrollments.csv", line, "role", "role-mismatch", message)


def _line_item(known: Known, _log: Log, _line: int, item: LineItem) -> None:
    known.items[item.sourced_id] = (item.class_sourced_id, item.result_value_max)


def _result(known: Known, log: Log, line: int, row: Result) -> None:
    if row.status == "tobedeleted":
        return
    known.results.add(known.result(row))
    item = known.items.get(row.line_item_sourced_id)
    if item is None:
        return
    class_, maximum = item
    if row.class_sourced_id and row.class_sourced_id != class_ and class_ in known.ids.get("classes.csv", ()):
        message = f"the line item belongs to class `{shown(class_)}`"
        log.problem("results.csv", line, "classSourcedId", "wrong-reference", message)
    if row.score is not None and row.score > maximum:
        log.note("results.csv", line, "score", "above-maximum", f"{row.score} of {maximum}")
    seat = known.place("classes.csv", class_, row.student_sourced_id)
    if seat is not None and seat not in known.students and "enrollments.csv" not in known.deltas:
        message = f"`{shown(row.student_sourced_id)}` is not enrolled in `{shown(class_)}`"
        log.note("results.csv", line, "studentSourcedId", "not-enrolled", message)


CHECKS: dict[str, Callable[[Known, Log, int, Any], None]] = {
    "orgs.csv": _org,
    "academicSessions.csv": _session,
    "users.csv": _user,
    "roles.csv": _role,
    "enrollments.csv": _enrollment,
    "lineItems.csv": _line_item,
    "results.csv": _result,
}
