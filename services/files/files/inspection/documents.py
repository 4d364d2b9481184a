"""PDF: opened whole, and its first page shown small."""

from pathlib import Path

import pypdfium2

from files.inspection import pictures
from files.inspection.findings import Finding, Refused

MOST_PAGES = 10_000
_LOCKED = "password"


def check(path: Path, thumbnail: Path) -> bool:
    """Whether there is a thumbnail: not of what is locked by a password. Raises Refused."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if _LOCKED in str(error).lower():
            return False
        raise Refused(Finding.UNREADABLE) from error
    with document:
        if not 1 <= len(document) <= MOST_PAGES:
            raise Refused(Finding.TOO_MANY_PAGES if len(document) else Finding.UNREADABLE)
        return _show(document, thumbnail)


def _show(document: pypdfium2.PdfDocument, thumbnail: Path) -> bool:
    """However large the page says it is, no more is drawn than the thumbnail has."""
    try:
        page = document[0]
        scale = min(side / max(length, 1) for side, length in zip(pictures.THUMBNAIL, page.get_size(), strict=True))
        pictures.save(page.render(scale=scale, may_draw_forms=False).to_pil(), thumbnail)
    except (pypdfium2.PdfiumError, ValueError, OSError):
        # Readable, but not to be drawn: a page of no size, say.
        return False
    return True
