"""A benchmark's line reads from the smallest size to the largest, in whatever order results.json keeps them."""

from bench.table import Line


def test_sizes_stand_by_their_number() -> None:
    sizes = {"1,000": 4.0, "100": 2.0, "30": 1.0, "300": 3.0}
    assert "| 30 1 · 100 2 · 300 3 · 1,000 4 |" in str(Line("a list, at 1,000 students", "ms", 4.0, sizes))


def test_peers_stand_by_their_name_before_sizes_by_their_number() -> None:
    peers = {"at 1,000,000": 3.0, "at 100,000": 2.0, "GROUP BY": 1.0}
    assert "| GROUP BY 1 · at 100,000 2 · at 1,000,000 3 |" in str(Line("a class", "ms", 4.0, peers))
