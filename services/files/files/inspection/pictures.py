"""Pictures: decoded whole within limits, and shown small."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps

from files.inspection.findings import Finding, Refused

MOST_PIXELS = 100_000_000
MOST_FRAMES = 1_000
THUMBNAIL = (400, 400)
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


def check(path: Path, content_type: str, thumbnail: Path) -> bool:
    """Decode the first frame and write its thumbnail; raises Refused."""
    # Our own limit is asked before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    try:
        with Image.open(path, formats=[_FORMATS[content_type]]) as picture:
            _check_size(picture)
            # A JPEG can be decoded at a fraction of its size.
            picture.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))
            save(picture, thumbnail)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused(Finding.UNREADABLE) from error
    return True


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused(Finding.TOO_MANY_PIXELS)
    if getattr(picture, "n_frames", 1) > MOST_FRAMES:
        raise Refused(Finding.TOO_MANY_FRAMES)


def save(picture: Image.Image, thumbnail: Path) -> None:
    """Write a small copy, turned upright, with nothing but its pixels."""
    picture.thumbnail(THUMBNAIL)
    upright = ImageOps.exif_transpose(picture)
    upright.convert("RGBA" if "A" in upright.mode or "transparency" in upright.info else "RGB").save(
        thumbnail, "WEBP", quality=80, exif=b"", icc_profile=b""
    )
