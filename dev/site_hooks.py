"""mkdocs' hook: a link to a file of the repository that is no page of the site becomes the file's name."""

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+)([^)#\s]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Leave links between pages alone; a decision's `../` leads to a page too."""
    depth = page.file.src_uri.count("/")

    def named(found: re.Match[str]) -> str:
        text, up, path = found.groups()
        leaves = up.count("../") > depth
        return found[0] if not leaves else text if text.strip("`") == path else f"{text} (`{path}`)"

    return OUTSIDE.sub(named, markdown)
