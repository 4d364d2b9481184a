"""Plain text of what was written in Markdown, for where there is one line of room."""

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

LONGEST = 160
_FORMULA = re.compile(r"\$[^$]+\$|\$\$[^$]+\$\$")


def plain(markdown: str, longest: int = LONGEST) -> str:
    """The words alone, cut after one with an ellipsis; a formula stays as it was written."""
    blocks = (" ".join(text.split()) for text in _blocks(_READER.parse(markdown)))
    return _cut(" – ".join(filter(None, blocks)), longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    head, _, rest = text[:longest].rpartition(" ")
    # A single long word, such as an address, is cut within.
    kept = head if len(rest) < longest // 2 else text[: longest - 1]
    return kept.rstrip(" ,;:–-") + "…"


def _blocks(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_words(token.children or []))
        elif token.type in ("fence", "code_block"):
            yield token.content


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield " "
        else:
            # What a picture shows is its content, as are the words and pieces of code.
            yield token.content


def _formula(state: StateInline, silent: bool) -> bool:
    found = _FORMULA.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("text", "", 0).content = found[0]
    state.pos = found.end()
    return True


_READER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_READER.inline.ruler.before("escape", "formula", _formula)
