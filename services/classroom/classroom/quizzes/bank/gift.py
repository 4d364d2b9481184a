"""What the GIFT reader and writer share: how its control characters are escaped.

Format: https://docs.moodle.org/en/GIFT_format
"""

_CONTROL = "~=#{}:"
# While a file is taken apart, what was escaped in it stands as one of these private characters.
_HIDDEN = {character: chr(0xE000 + number) for number, character in enumerate(_CONTROL + "\\")}
_SHOWN = str.maketrans({hidden: character for character, hidden in _HIDDEN.items()} | {chr(0xE010): "\n"})
PRIVATE = frozenset(_HIDDEN.values()) | {chr(0xE010)}


def escape(text: str) -> str:
    """Text as GIFT writes it, on one line."""
    escaped = "".join("\\" + it if it in _CONTROL + "\\" else it for it in text.strip())
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def hide(text: str) -> str:
    """The text with its escaped characters out of the parser's sight."""
    parts, position = [], 0
    while (found := text.find("\\", position)) >= 0:
        following = text[found + 1 : found + 2]
        hidden = chr(0xE010) if following == "n" else _HIDDEN.get(following, _HIDDEN["\\"])
        known = following == "n" or following in _HIDDEN
        parts += [text[position:found], hidden]
        position = found + (2 if known and following else 1)
    return "".join(parts) + text[position:]


def show(text: str) -> str:
    """The characters that `hide` put out of sight, bare; spaces around them dropped."""
    return text.strip().translate(_SHOWN)
