"""One line of a benchmark's result, the table they make, and where results are kept."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from dev.layout import ROOT

RESULTS = ROOT / "bench" / "results.json"
NUMBER = re.compile(r"\d[\d,]*")
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
        peers = " · ".join(f"{name} {_figure(self.peers[name])}" for name in sorted(self.peers, key=_by_size))
        verdict = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.work} | {self.unit} | {_figure(self.ours)} | {peers} | {self.target} | {verdict} |"


def table(lines: Iterable[Line]) -> str:
    """The lines as a Markdown table."""
    return "\n".join([HEADING, *map(str, lines)])


def tell(benchmark: str, lines: Iterable[Line]) -> None:
    """Print a benchmark's lines, and keep them as its newest result for docs/performance.md (`make bench`)."""
    found = list(lines)
    print(table(found), flush=True)
    results = kept()
    results[benchmark] = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "lines": [asdict(line) for line in found]}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def kept() -> dict[str, Any]:
    """The newest result of each benchmark: `{name: {at, lines}}`."""
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def _by_size(name: str) -> tuple[str, int]:
    """A size, or what was measured at one, stands by its number: 30 before 1,000; all others by their name."""
    size = NUMBER.search(name)
    return NUMBER.sub("", name), int(size[0].replace(",", "")) if size else 0


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie: the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
