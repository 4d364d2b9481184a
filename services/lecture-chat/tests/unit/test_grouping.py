"""What is submitted in a moment is run together, in order, and everybody is answered."""

from collections.abc import Sequence

from chassis.testing import eventually
from lecture_chat.grouping import Group


class Runs:
    """A group of numbers whose outcomes are ten times as much; keeps what was run together and what was told."""

    def __init__(self, window: float = 0.02, backlog: int = 100) -> None:
        self.runs: list[list[int]] = []
        self.told: list[object] = []
        self.after: list[list[int]] = []
        self.group = Group(
            self._run, lambda outcomes: self.after.append(list(outcomes)),
            window=window, most=3, backlog=backlog, alone=lambda item: item < 0,
        )  # fmt: skip

    async def _run(self, items: Sequence[int]) -> list[int]:
        self.runs.append(list(items))
        if 13 in items:
            raise ValueError(13)
        return [10 * item for item in items]

    def submit(self, *items: int) -> None:
        for item in items:
            self.group.submit(item, item, self.told.append)

    async def idle(self) -> bool:
        return self.group.idle


async def test_what_waits_is_run_together_in_order_up_to_a_number() -> None:
    runs = Runs()
    runs.submit(1, 2, 3, 4)
    await eventually(runs.idle)
    assert runs.runs == [[1, 2, 3], [4]]
    assert runs.told == [10, 20, 30, 40]
    assert runs.after == [[10, 20, 30], [40]]


async def test_what_is_submitted_twice_is_run_once_and_both_are_told() -> None:
    runs = Runs()
    runs.submit(1, 1)
    await eventually(runs.idle)
    assert (runs.runs, runs.told) == ([[1]], [10, 10])


async def test_a_run_that_fails_is_told_to_those_in_it_alone() -> None:
    runs = Runs()
    runs.submit(1, 13, 2, 3)
    await eventually(runs.idle)
    assert [type(told) for told in runs.told] == [ValueError, ValueError, ValueError, int]
    assert runs.after == [[30]]


async def test_an_answer_that_cannot_be_told_keeps_nobody_from_theirs() -> None:
    runs = Runs()

    def fail(_: object) -> None:
        raise RuntimeError

    runs.group.submit(1, 1, fail)
    runs.submit(2, 3, 4)
    await eventually(runs.idle)
    assert runs.told == [20, 30, 40]
    assert runs.after == [[10, 20, 30], [40]]


async def test_what_runs_alone_makes_nobody_wait() -> None:
    runs = Runs(window=1000)
    runs.submit(1, -1, 2, 3, -2)
    await eventually(runs.idle)
    assert runs.runs == [[1], [-1], [2, 3], [-2]]
