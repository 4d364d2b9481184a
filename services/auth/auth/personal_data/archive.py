"""The zip of a person's data: a folder a service, a JSON file a section."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

import orjson

from chassis.db import Row

_README = """What this school's Homeroom keeps of you, as of {moment}.

Each folder is one part of Homeroom, each file one kind of record (JSON). Files you uploaded are listed here and can be
downloaded in Homeroom itself.
"""


def archive(answers: Sequence[Row], moment: datetime) -> bytes:
    """The zip; the parts of a service come in order, and a section that spans several is put together."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("README.txt", _README.format(moment=f"{moment:%Y-%m-%d %H:%M} UTC"))
        for name, records in sorted(_files(answers).items()):
            made.writestr(name, orjson.dumps(records, option=orjson.OPT_INDENT_2))
    return packed.getvalue()


def _files(answers: Sequence[Row]) -> dict[str, list[object]]:
    files: dict[str, list[object]] = {}
    for answer in answers:
        for section, records in orjson.loads(answer["content"] or "{}").items():
            files.setdefault(f"{answer['service']}/{section}.json", []).extend(records)
    return files
