"""How often the relay looks for work."""

from itertools import pairwise

from chassis.outbox import IDLE_SECONDS, POLL_SECONDS, Pace


def test_the_waits_grow_to_a_bound_while_there_is_nothing() -> None:
    pace = Pace()
    waits = [pace.after(False) for _ in range(40)]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert POLL_SECONDS < waits[0] < waits[-1] == IDLE_SECONDS


def test_the_first_thing_found_makes_them_short_again() -> None:
    pace = Pace()
    for _ in range(40):
        pace.after(False)
    assert pace.after(True) == POLL_SECONDS
