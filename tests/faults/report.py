"""What a fault test counted. The long form keeps it in figures.json, from which docs/guarantees.md tells it."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
LONG = ROUNDS > 5
FIGURES = Path(__file__).with_name("figures.json")


@dataclass
class Report:
    """What became of the operations of one test; a guarantee holds when `check` passes."""

    attempted: int = 0
    acked: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    foreign: int = 0
    recovery_s: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    def check(self, within: float = 30.0) -> None:
        """Nothing lost, doubled, taken back or foreign, and in the long form all of it in time."""
        print(json.dumps(asdict(self), default=str))
        assert self.attempted > 0
        assert self.acked > 0
        assert (self.lost, self.duplicated, self.reordered, self.foreign) == (0, 0, 0, 0), self
        assert not LONG or self.recovery_s <= within, self


def judge(report: Report, broken: bool, within: float = 30.0) -> None:
    """The sound variant passes; the broken one must not."""
    if broken:
        with pytest.raises(AssertionError):
            report.check(within)
        return
    report.check(within)
    if LONG:
        keep(report)


def keep(report: Report) -> None:
    """In place of what the running test counted before."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    figures[test] = {"on": datetime.now(UTC).date().isoformat(), "rounds": ROUNDS, **asdict(report)}
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
