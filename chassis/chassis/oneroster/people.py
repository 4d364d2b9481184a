"""Who gets an account: users.csv joined with roles.csv."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from chassis.oneroster.files import Org, RoleRow, User
from chassis.oneroster.package import Package
from chassis.oneroster.reader import rows

Role = Literal["admin", "teacher", "student"]
ROLES: dict[str, Role] = {
    "siteAdministrator": "admin",
    "districtAdministrator": "admin",
    "systemAdministrator": "admin",
    "principal": "admin",
    "teacher": "teacher",
    "aide": "teacher",
    "proctor": "teacher",
    "student": "student",
}


class Person(NamedTuple):
    """A user who gets an account; without `email` it cannot sign in."""

    source_id: str
    email: str | None
    name: str
    role: Role
    enabled: bool


class PersonChange(NamedTuple):
    """What a delta package says of a user; None: nothing, so that it stays as it is."""

    source_id: str
    email: str | None = None
    name: str | None = None
    role: Role | None = None
    enabled: bool | None = None


def rank(row: RoleRow, school: str | None) -> int:
    """The highest of a user's roles counts: 3 primary in the school, 2 primary elsewhere, 1 secondary."""
    if row.role_type != "primary":
        return 1
    return 3 if row.org_sourced_id == school else 2


class Roles:
    """The role that counts for each user; of equal ranks the first."""

    def __init__(self, school: str | None) -> None:
        self._school = school
        self._of: dict[str, tuple[int, str]] = {}

    def add(self, row: RoleRow) -> bool:
        """Take a row in. False if it contradicts another primary role of the same user and place."""
        place = rank(row, self._school)
        known = self._of.get(row.user_sourced_id)
        if known is None or known[0] < place:
            self._of[row.user_sourced_id] = (place, row.role)
            return True
        return known[0] > place or place == 1 or ROLES.get(known[1]) == ROLES.get(row.role)

    def of(self, user: str) -> Role | None:
        """The account's role; None for a user who gets no account."""
        known = self._of.get(user)
        return ROLES.get(known[1]) if known else None

    def users(self) -> Iterator[str]:
        """Who has a role."""
        return iter(self._of)

    def __contains__(self, user: str) -> bool:
        return user in self._of


def roles_of(package: Package) -> Roles:
    """The roles of a package's users."""
    school = next((org.sourced_id for org in rows(package, Org) if org.type == "school"), None)
    found = Roles(school)
    for row in rows(package, RoleRow):
        found.add(row)
    return found


def full_name(user: User) -> str:
    """The name to show: preferred names win."""
    given = user.preferred_given_name or user.given_name
    return f"{given} {user.preferred_family_name or user.family_name}".strip()


def people(package: Package) -> Iterator[Person]:
    """Every user who gets an account, in the order of users.csv."""
    found = roles_of(package)
    for user in rows(package, User):
        if role := found.of(user.sourced_id):
            email = user.email.lower() if user.email else None
            yield Person(user.sourced_id, email, full_name(user), role, user.enabled_user)


def people_changes(package: Package) -> Iterator[PersonChange]:
    """What a delta package changes: its users in their order, then those of whom it only says the role.

    Only primary roles count, as the others do not say that the primary one is gone.
    """
    roles = Roles(None)
    for row in rows(package, RoleRow, delta=True):
        if row.status == "active" and row.role_type == "primary":
            roles.add(row)
    told = set()
    for user in rows(package, User, delta=True):
        told.add(user.sourced_id)
        yield _change(user, roles)
    for source_id in roles.users():
        if source_id not in told and (role := roles.of(source_id)):
            yield PersonChange(source_id, role=role)


def _change(user: User, roles: Roles) -> PersonChange:
    if user.status == "tobedeleted":
        return PersonChange(user.sourced_id, enabled=False)
    email = user.email.lower() if user.email else None
    return PersonChange(user.sourced_id, email, full_name(user), roles.of(user.sourced_id), user.enabled_user)
