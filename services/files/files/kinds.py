"""The catalogue of what can be uploaded: whoever adds a kind says how its bytes are recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """How the bytes of a kind are inspected."""

    PDF = "pdf"
    PICTURE = "picture"
    OFFICE = "office"
    ZIP = "zip"
    TEXT = "text"
    MEDIA = "media"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Kind:
    """One content type: the extensions its names may have, and what libmagic calls its bytes."""

    content_type: str
    family: Family
    extensions: frozenset[str]
    magic: frozenset[str]
    inline: bool = False
    # For an office document: the part that it cannot be without.
    main_part: str = ""


def _kind(
    content_type: str, family: Family, extensions: str, *magic: str, inline: bool = False, main_part: str = ""
) -> Kind:
    return Kind(
        content_type, family, frozenset(extensions.split()), frozenset({content_type, *magic}), inline, main_part
    )


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_ZIPPED = ("application/zip", "application/octet-stream")
_OLE = ("application/x-ole-storage", "application/CDFV2", "application/vnd.ms-office")

KINDS: Mapping[str, Kind] = {
    kind.content_type: kind
    for kind in (
        _kind("application/pdf", Family.PDF, "pdf", inline=True),
        _kind("image/jpeg", Family.PICTURE, "jpg jpeg jpe jfif", inline=True),
        _kind("image/png", Family.PICTURE, "png", inline=True),
        _kind("image/gif", Family.PICTURE, "gif", inline=True),
        _kind("image/webp", Family.PICTURE, "webp", inline=True),
        _kind(f"{_OOXML}.wordprocessingml.document", Family.OFFICE, "docx", *_ZIPPED, main_part="word/"),
        _kind(f"{_OOXML}.spreadsheetml.sheet", Family.OFFICE, "xlsx", *_ZIPPED, main_part="xl/"),
        _kind(f"{_OOXML}.presentationml.presentation", Family.OFFICE, "pptx", *_ZIPPED, main_part="ppt/"),
        _kind(f"{_ODF}.text", Family.OFFICE, "odt", *_ZIPPED, main_part="content.xml"),
        _kind(f"{_ODF}.spreadsheet", Family.OFFICE, "ods", *_ZIPPED, main_part="content.xml"),
        _kind(f"{_ODF}.presentation", Family.OFFICE, "odp", *_ZIPPED, main_part="content.xml"),
        _kind("application/epub+zip", Family.OFFICE, "epub", *_ZIPPED, main_part="META-INF/container.xml"),
        _kind("application/zip", Family.ZIP, "zip"),
        _kind(
            "text/plain",
            Family.TEXT,
            "txt md log tex csv tsv srt py ipynb java c h cpp hpp cs sql r rb go rs kt ino json yaml yml toml ini",
            inline=True,
        ),
        _kind("text/csv", Family.TEXT, "csv tsv txt"),
        _kind("text/markdown", Family.TEXT, "md markdown txt"),
        _kind("audio/mpeg", Family.MEDIA, "mp3", inline=True),
        _kind("audio/mp4", Family.MEDIA, "m4a mp4", "audio/x-m4a", "video/mp4", inline=True),
        _kind("audio/wav", Family.MEDIA, "wav", "audio/x-wav", "audio/vnd.wave", inline=True),
        _kind("audio/ogg", Family.MEDIA, "ogg oga opus", "application/ogg", "video/ogg", inline=True),
        _kind("audio/webm", Family.MEDIA, "webm weba", "video/webm", inline=True),
        _kind("audio/flac", Family.MEDIA, "flac", "audio/x-flac", inline=True),
        _kind("video/mp4", Family.MEDIA, "mp4 m4v", "video/x-m4v", inline=True),
        _kind("video/webm", Family.MEDIA, "webm", inline=True),
        _kind("video/quicktime", Family.MEDIA, "mov qt", "video/mp4", inline=True),
        _kind("image/heic", Family.MEDIA, "heic heif", "image/heif"),
        _kind("application/msword", Family.LEGACY, "doc", *_OLE),
        _kind("application/vnd.ms-excel", Family.LEGACY, "xls", *_OLE),
        _kind("application/vnd.ms-powerpoint", Family.LEGACY, "ppt", *_OLE),
        _kind("application/rtf", Family.LEGACY, "rtf", "text/rtf"),
    )
}

# Old office formats carry macros that cannot be told from the rest, so a school has to ask for them.
DEFAULT_TYPES = tuple(name for name, kind in KINDS.items() if kind.family is not Family.LEGACY)
