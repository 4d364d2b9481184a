"""One line of a benchmark's result, and the table they make."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADING = "| work | unit | Homeroom | peers in the same run | target | reached |\n|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured of one kind of work, and of its peers in the same run; all figures in `unit`, less is better.

    `target` says in words what to reach; `reached` is None where there is none.
    """

    work: str
    unit: str
    ours: float
    peers: dict[str, float]
    target: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        peers = " · ".join(f"{name} {_figure(value)}" for name, value in self.peers.items())
        verdict = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.work} | {self.unit} | {_figure(self.ours)} | {peers} | {self.target} | {verdict} |"


def table(lines: Iterable[Line]) -> str:
    """The lines as a Markdown table."""
    return "\n".join([HEADING, *map(str, lines)])


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie: the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
