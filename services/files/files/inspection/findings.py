"""Why a file is refused. The slug is what people's programs read; docs/uploads.md explains each."""

from enum import StrEnum


class Finding(StrEnum):
    """One reason."""

    WRONG_LENGTH = "wrong_length"
    WRONG_HASH = "wrong_hash"
    WRONG_TYPE = "wrong_type"
    POLYGLOT = "polyglot"
    UNREADABLE = "unreadable"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_MANY_PAGES = "too_many_pages"
    ARCHIVE_BOMB = "archive_bomb"
    UNSAFE_ARCHIVE = "unsafe_archive"
    MACROS = "macros"
    TOO_COMPLEX = "too_complex"
    MALWARE = "malware"
    TOO_LARGE_TO_SCAN = "too_large_to_scan"


class Refused(Exception):
    """The file is not taken."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding
