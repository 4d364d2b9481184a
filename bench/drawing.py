"""`python drawing.py FOLDER results.json`: bars of Homeroom and its peers; bench/report.py runs it in `.venv-bench`."""

import json
import sys
from math import log10
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

STYLE = Style(
    background="transparent",
    plot_background="transparent",
    colors=("#1f9d6b", "#2b4a7c", "#e08a3c", "#8a6fc4", "#5fa8c9", "#b8475c", "#94a35a", "#6b7280"),
    font_family="sans-serif",
)


GROWTH = "growth_"  # results of these names have a value at each of several sizes, named by their size


def curves(name: str, lines: list[dict[str, Any]]) -> Any:
    """One curve a line over its sizes, each as a multiple of its value at the smallest one; both scales logarithmic."""
    drawn = pygal.XY(
        style=STYLE,
        title=f"cost by {name.removeprefix(GROWTH)}, as a multiple of the smallest",
        logarithmic=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        truncate_label=-1,
        disable_xml_declaration=True,
        js=[],
    )
    for line in lines:
        values = dict(sorted((int(size.replace(",", "")), value) for size, value in line["peers"].items()))
        first = next(iter(values.values()))
        shown = [(log10(size), value / first) for size, value in values.items() if first and value]
        drawn.add(f"{line['work'].partition(', at ')[0]} ({line['unit']})", shown)
        drawn.x_labels = [{"label": f"{size:,}", "value": log10(size)} for size in values]
    drawn.height = 420 + 26 * len(lines)
    return drawn


def chart(name: str, lines: list[dict[str, Any]]) -> Any:
    """One bar a line for Homeroom and for each peer; units differ by line, so that the scale is logarithmic."""
    drawn = pygal.HorizontalBar(
        style=STYLE,
        title=name.replace("_", " "),
        logarithmic=True,
        legend_at_bottom=True,
        disable_xml_declaration=True,
        js=[],  # tooltips would be fetched from elsewhere
    )
    drawn.x_labels = [f"{line['work']} ({line['unit']})" for line in lines]
    drawn.height = 160 + 70 * len(lines)
    drawn.add("Homeroom", [line["ours"] or None for line in lines])
    for peer in dict.fromkeys(peer for line in lines for peer in line["peers"]):
        drawn.add(peer, [line["peers"].get(peer) or None for line in lines])
    return drawn


if __name__ == "__main__":
    folder, results = map(Path, sys.argv[1:])
    for name, result in json.loads(results.read_text("utf-8")).items():
        draw = curves if name.startswith(GROWTH) else chart
        drawn = draw(name, result["lines"])
        drawn.uuid = name  # else a picture of the same figures would differ each time
        drawn.render_to_file(str(folder / f"{name}.svg"))
