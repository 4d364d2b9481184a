"""What the bytes are, whatever is said of them."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from files import samples
from files.inspection import contents, process
from files.inspection.findings import Finding, Refused
from files.kinds import DEFAULT_TYPES, KINDS, Family
from files.uploads.commands import layout

MIB = 1024 * 1024
JPEG, PNG, GIF, PDF = "image/jpeg", "image/png", "image/gif", "application/pdf"
HOSTILE: dict[str, tuple[Callable[[], bytes], str, Finding]] = {
    "svg as png": (lambda: samples.SVG, PNG, Finding.WRONG_TYPE),
    "html as png": (lambda: samples.HTML, PNG, Finding.WRONG_TYPE),
    "html as pdf": (lambda: samples.HTML, PDF, Finding.WRONG_TYPE),
    "pdf as png": (samples.pdf, PNG, Finding.WRONG_TYPE),
    "png as jpeg": (samples.picture, JPEG, Finding.WRONG_TYPE),
    "pdf and zip": (samples.pdf_and_zip, PDF, Finding.POLYGLOT),
    "picture and pdf": (samples.picture_and_pdf, GIF, Finding.POLYGLOT),
    "half a picture": (lambda: samples.picture()[:-5000], PNG, Finding.UNREADABLE),
    "half a pdf": (lambda: samples.pdf()[:60], PDF, Finding.UNREADABLE),
    "pixel flood": (samples.pixel_flood, PNG, Finding.TOO_MANY_PIXELS),
    "endless animation": (lambda: samples.animation(1001), GIF, Finding.TOO_MANY_FRAMES),
    "zip bomb": (samples.zip_bomb, samples.DOCX, Finding.ARCHIVE_BOMB),
    "zip of many": (
        lambda: samples.zipped({str(n): b"" for n in range(10_001)}), "application/zip", Finding.ARCHIVE_BOMB
    ),
    "zip that climbs": (lambda: samples.zipped({"../../x": b"x"}), "application/zip", Finding.UNSAFE_ARCHIVE),
    "zip with a drive": (lambda: samples.zipped({"C:\\x": b"x"}), "application/zip", Finding.UNSAFE_ARCHIVE),
    "zip with a root": (lambda: samples.zipped({"/etc/x": b"x"}), "application/zip", Finding.UNSAFE_ARCHIVE),
    "macros": (lambda: samples.docx(**{"vbaProject.bin": b"x"}), samples.DOCX, Finding.MACROS),
    "zip as docx": (lambda: samples.zipped({"a": b"x"}), samples.DOCX, Finding.WRONG_TYPE),
    "xlsx as docx": (samples.xlsx, samples.DOCX, Finding.WRONG_TYPE),
    "binary as text": (lambda: b"MZ\x00\x90", "text/plain", Finding.WRONG_TYPE),
    "latin-1 as text": (lambda: "Grüße".encode("latin-1"), "text/plain", Finding.WRONG_TYPE),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str, tmp_path: Path) -> None:
    """GUARANTEES 46, 47."""
    make, content_type, finding = HOSTILE[name]
    path = tmp_path / "file"
    path.write_bytes(make())
    with pytest.raises(Refused) as refused:
        contents.check(path, content_type, tmp_path / "thumbnail")
    assert refused.value.finding is finding
    assert not (tmp_path / "thumbnail").exists()


def test_their_harmless_siblings_are_taken(tmp_path: Path) -> None:
    """Control of GUARANTEES 46, 47: it is the hostile part that is refused."""
    for data, content_type in (
        (samples.picture("GIF"), GIF),
        (samples.animation(1000), GIF),
        (samples.docx(media=bytes(20 * MIB)), samples.DOCX),
        (samples.odt(), samples.ODT),
        (samples.xlsx(), samples.XLSX),
        (samples.zipped({"x": b"x"}), "application/zip"),
        ("Grüße".encode("utf-16"), "text/plain"),
    ):
        path = tmp_path / "file"
        path.write_bytes(data)
        contents.check(path, content_type, tmp_path / "thumbnail")


async def test_what_is_too_much_ends_with_its_process(tmp_path: Path) -> None:
    """GUARANTEES 47: time and memory are bounded by the system, not by the good will of a library."""
    path = tmp_path / "file"
    path.write_bytes(samples.blank(9000))
    for memory, seconds in ((200 * MIB, 30), (1024 * MIB, 0)):
        with pytest.raises(Refused) as refused:
            await process.inspect(path, PNG, tmp_path / "thumbnail", memory=memory, seconds=seconds)
        assert refused.value.finding is Finding.TOO_COMPLEX
    assert await process.inspect(path, PNG, tmp_path / "thumbnail", memory=1024 * MIB, seconds=300)


async def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_SECRET_KEY", "secret")
    path = tmp_path / "file"
    path.write_bytes(b"x")
    assert "S3_SECRET_KEY" not in process.environment()


def test_the_parts_are_the_whole() -> None:
    for size, part in ((1, 5 * MIB), (5 * MIB, 5 * MIB), (12 * MIB + 1, 5 * MIB), (400 * 1024**3, 5 * MIB)):
        parts = layout(size, part)
        assert [number for number, _, _ in parts] == list(range(1, len(parts) + 1))
        assert parts[0][1] == 0
        assert all(a[1] + a[2] == b[1] for a, b in pairwise(parts))
        assert parts[-1][1] + parts[-1][2] == size
        assert len(parts) <= 10_000


def test_nothing_that_a_browser_runs_is_in_the_catalogue() -> None:
    assert not {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript"} & KINDS.keys()
    assert not {"html", "htm", "svg", "js", "xml", "exe"} & {e for kind in KINDS.values() for e in kind.extensions}
    assert set(DEFAULT_TYPES) < KINDS.keys()
    assert all(not kind.inline for kind in KINDS.values() if kind.family in (Family.OFFICE, Family.LEGACY))
