"""ZIP and the office documents that are one: counted before anybody unpacks them, and never unpacked here."""

import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from files.inspection.findings import Finding, Refused
from files.kinds import Family, Kind

MOST_ENTRIES = 10_000
MOST_UNPACKED = 2 * 1024**3
# Deflate packs at most about 1032 : 1; office documents reach 100 : 1 in honest, small parts.
HIGHEST_RATIO = 200
_RATIO_MATTERS_ABOVE = 32 * 1024**2
_MACROS = {"vbaproject.bin", "vbadata.xml"}


def check(path: Path, kind: Kind) -> None:
    """Raises Refused for a bomb, names that lead elsewhere, or what is not the document it says it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(Finding.UNREADABLE) from error
    _check_sizes(path, entries)
    for entry in entries:
        _check_name(entry.filename)
    if kind.family is Family.OFFICE:
        _check_document({entry.filename for entry in entries}, kind)


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    too_dense = unpacked > _RATIO_MATTERS_ABOVE and unpacked > HIGHEST_RATIO * path.stat().st_size
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or too_dense:
        raise Refused(Finding.ARCHIVE_BOMB)


def _check_name(name: str) -> None:
    """As the strictest system reads it: no drive, no root, no way up."""
    path = PureWindowsPath(name)
    if path.anchor or ".." in path.parts or "\x00" in name:
        raise Refused(Finding.UNSAFE_ARCHIVE)


def _check_document(names: set[str], kind: Kind) -> None:
    if any(PurePosixPath(name).name.lower() in _MACROS for name in names):
        raise Refused(Finding.MACROS)
    index = "[Content_Types].xml" if kind.main_part.endswith("/") else "mimetype"
    if index not in names or not any(name.startswith(kind.main_part) for name in names):
        raise Refused(Finding.WRONG_TYPE)
