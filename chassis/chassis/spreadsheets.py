"""CSV for spreadsheets, which show every cell of it and compute none."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SEPARATORS = ("\t", "\r", "\n")


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula.

    One may pass over spaces before the formula, or take a tab or a line's end at the start for the end of a cell.
    """
    is_formula = text.startswith(_SEPARATORS) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8; what others wrote goes through `harmless` first."""
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()
