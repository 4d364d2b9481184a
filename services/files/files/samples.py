"""Files as people and as attackers make them, made by libraries; for tests and benchmarks."""

import io
import random
import struct
import wave
import zipfile
import zlib

import pypdfium2
import xlsxwriter
from PIL import Image

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"


def picture(format_: str = "PNG", size: tuple[int, int] = (640, 480), seed: int = 1) -> bytes:
    """A picture whose bytes differ with the seed."""
    noise = Image.frombytes("RGB", (64, 48), random.Random(seed).randbytes(64 * 48 * 3))
    return _saved(noise.resize(size), format_)


def blank(side: int) -> bytes:
    """A white PNG: small to send, large to open."""
    return _saved(Image.new("RGB", (side, side), "white"), "PNG")


def animation(frames: int) -> bytes:
    """A GIF of so many frames."""
    pictures = [Image.new("L", (8, 8), number % 256) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(entries: dict[str, bytes], first: str | None = None) -> bytes:
    """A ZIP of these entries; `first` is stored uncompressed before the rest, as ODF asks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first is not None:
            archive.writestr(zipfile.ZipInfo("mimetype"), first, zipfile.ZIP_STORED)
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """The least that is a Word document, and whatever else it shall hold."""
    return zipped(
        {
            "[Content_Types].xml": b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
            "_rels/.rels": b"<Relationships/>",
            "word/document.xml": b"<w:document/>",
        }
        | {f"word/{name}": data for name, data in more.items()}
    )


def odt() -> bytes:
    """The least that is an OpenDocument text."""
    return zipped({"content.xml": b"<office:document-content/>", "META-INF/manifest.xml": b"<x/>"}, first=ODT)


def xlsx(rows: int = 10) -> bytes:
    """A sheet with numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(rows):
            sheet.write_number(row, 0, row)
    return out.getvalue()


def sound(seconds: int = 1) -> bytes:
    """Silence as WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000 * seconds))
    return out.getvalue()


# --- Hostile ones ----------------------------------------------------------------------------------------------------

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>"


def pdf_and_zip() -> bytes:
    """A PDF for who reads it from its beginning, a ZIP for who reads it from its end."""
    out = io.BytesIO(pdf())
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("evil.html", HTML)
    return out.getvalue()


def picture_and_pdf() -> bytes:
    """A GIF with a PDF in the comment that follows its header."""
    head, rest = picture("GIF")[:13], picture("GIF")[13:]
    colours = 3 * 2 ** ((head[10] & 7) + 1)
    comment = b"\x21\xfe\x05%PDF-\x00"
    return head + rest[:colours] + comment + rest[colours:]


def pixel_flood(side: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it is 3.6 gigapixels large."""
    small = _saved(Image.new("1", (8, 8)), "PNG")
    header = b"IHDR" + struct.pack(">II", side, side) + small[24:29]
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def zip_bomb() -> bytes:
    """A Word document of 200 kB that unpacks to 200 MiB."""
    return docx(media=bytes(200 * 1024 * 1024))


def _saved(picture: Image.Image, format_: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_)
    return out.getvalue()
