"""The control file of a package: what it says must be what the zip holds."""

from chassis.oneroster.files import NOT_IMPORTED, SPECS
from chassis.oneroster.package import PACKAGE, Package
from chassis.oneroster.reader import Unreadable, records
from chassis.oneroster.report import Log, shown

MANIFEST = "manifest.csv"
VERSIONS = {"manifest.version": "1.0", "oneroster.version": "1.2"}
KNOWN_FILES = frozenset(SPECS) | NOT_IMPORTED


def deltas(package: Package) -> frozenset[str]:
    """The files that hold only what changed, as the manifest says."""
    try:
        properties = _properties(package, Log(0)) if package.has(MANIFEST) else {}
    except Unreadable:
        return frozenset()
    return frozenset(f"{name[5:]}.csv" for name, (value, _) in properties.items() if value == "delta")


def check_manifest(package: Package, files: frozenset[str], log: Log, may_be_delta: frozenset[str]) -> bool:
    """Check versions, the announced files and that the needed ones are there; `may_be_delta`: all of them or none.

    False if it is no package of a version whose files can be read.
    """
    for name in sorted(package.entries):
        if name != MANIFEST and name not in KNOWN_FILES:
            log.problem(name, None, None, "unknown-file", "this is no file of OneRoster 1.2")
    if not package.has(MANIFEST):
        log.problem(MANIFEST, None, None, "missing-file", "manifest.csv is missing")
        return False
    try:
        properties = _properties(package, log)
    except Unreadable:
        return False
    known_version = _check_versions(properties, log)
    _check_announced(package, properties, log, may_be_delta)
    for name in sorted(files):
        if not package.has(name) and properties.get(f"file.{name[:-4]}", ("", 0))[0] != "bulk":
            log.problem(PACKAGE, None, None, "missing-file", f"{name} is needed, but is not in the package")
    return known_version


def _properties(package: Package, log: Log) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line, record, right in records(package, MANIFEST, ("propertyName", "value"), log):
        if not right:
            continue
        name, value = record[:2]
        if name in found:
            log.problem(MANIFEST, line, shown(name), "duplicate-property", f"{shown(name)} is given twice")
        elif name.startswith("file.") and f"{name[5:]}.csv" not in KNOWN_FILES:
            log.problem(MANIFEST, line, shown(name), "unknown-file", f"{shown(name)}: no file of OneRoster 1.2")
        found.setdefault(name, (value, line))
    return found


def _check_versions(properties: dict[str, tuple[str, int]], log: Log) -> bool:
    before = log.problems.count
    for name, wanted in VERSIONS.items():
        value, line = properties.get(name, (None, None))
        if value != wanted:
            given = "missing" if value is None else f"`{shown(value)}`"
            log.problem(MANIFEST, line, name, "wrong-version", f"{name} is {given}, needed is {wanted}")
    return log.problems.count == before


def _check_announced(
    package: Package, properties: dict[str, tuple[str, int]], log: Log, may_be_delta: frozenset[str]
) -> None:
    mixed = deltas(package) & may_be_delta
    for name in sorted(KNOWN_FILES):
        field = f"file.{name[:-4]}"
        value, line = properties.get(field, ("absent", None))
        present = package.has(name)
        if value == "delta" and name not in may_be_delta:
            log.problem(MANIFEST, line, field, "delta", f"{name} is delta; here it is imported as bulk only")
        elif value == "bulk" and mixed and name in may_be_delta:
            log.problem(MANIFEST, line, field, "delta", f"{name} is bulk beside {min(mixed)} as delta: both or neither")
        elif value not in ("bulk", "absent", "delta"):
            log.problem(MANIFEST, line, field, "bad-value", f"{field} `{shown(value)}`: bulk, delta or absent")
        elif value != "absent" and not present:
            log.problem(MANIFEST, line, field, "missing-file", f"{name} is announced but not in the zip")
        elif value == "absent" and present:
            log.problem(MANIFEST, line, field, "unexpected-file", f"{name} is in the zip but not announced")
        elif present and name in NOT_IMPORTED:
            log.note(name, None, None, "not-imported", f"nothing of {name} is imported")
