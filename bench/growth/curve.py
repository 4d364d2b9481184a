"""One quantity at several sizes, as a line of the report."""

from collections.abc import Mapping, Sequence

from bench.table import Line


def lines(found: Mapping[int, Mapping[tuple[str, str], float]], what: str) -> list[Line]:
    """A line for each quantity, named with its unit, from what was found at each size, the smallest first."""
    sizes: Sequence[int] = list(found)
    return [
        Line(f"{work}, at {sizes[-1]:,} {what}", unit, found[sizes[-1]][work, unit], at(found, work, unit))
        for work, unit in found[sizes[0]]
    ]


def at(found: Mapping[int, Mapping[tuple[str, str], float]], work: str, unit: str) -> dict[str, float]:
    """The quantity at each size."""
    return {f"{size:,}": values[work, unit] for size, values in found.items()}
