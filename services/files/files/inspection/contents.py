"""What the bytes of a file are, whatever its name says."""

import codecs
import zipfile
from pathlib import Path

import magic

from files.inspection import archives, documents, pictures
from files.inspection.findings import Finding, Refused
from files.kinds import KINDS, Family, Kind

_PDF = b"%PDF-"
# Readers of PDF look this far for its beginning.
_PDF_SEARCH = 1024
_CHUNK = 1024 * 1024


def check(path: Path, content_type: str, thumbnail: Path) -> bool:
    """Whether a thumbnail was written; raises Refused when the bytes are not what the type says, or are harmful."""
    kind = KINDS[content_type]
    if kind.family is Family.TEXT:
        _check_text(path)
        return False
    if magic.from_file(str(path), mime=True) not in kind.magic:
        raise Refused(Finding.WRONG_TYPE)
    _check_single(path, kind)
    return _check_family(path, kind, thumbnail)


def _check_family(path: Path, kind: Kind, thumbnail: Path) -> bool:
    if kind.family is Family.PICTURE:
        return pictures.check(path, kind.content_type, thumbnail)
    if kind.family is Family.PDF:
        return documents.check(path, thumbnail)
    if kind.family in (Family.OFFICE, Family.ZIP):
        archives.check(path, kind)
    return False


def _check_single(path: Path, kind: Kind) -> None:
    """Refuse what is two things at once, depending on who reads it."""
    with path.open("rb") as file:
        head = file.read(_PDF_SEARCH)
    two = not head.startswith(_PDF) if kind.family is Family.PDF else _PDF in head
    zipped = kind.family in (Family.OFFICE, Family.ZIP)
    if two or (zipped and not head.startswith(b"PK")) or (not zipped and zipfile.is_zipfile(path)):
        raise Refused(Finding.POLYGLOT)


def _check_text(path: Path) -> None:
    """Text is UTF-8, or UTF-16 that says so, and has no character that only binary files have."""
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(_CHUNK):
                if "\x00" in decoder.decode(chunk):
                    raise Refused(Finding.WRONG_TYPE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise Refused(Finding.WRONG_TYPE) from error
