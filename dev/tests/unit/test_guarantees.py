"""Which test keeps which promise is read from docstrings and names."""

from pathlib import Path

from dev.guarantees import Keeper, keepers, render, render_figures

TEST = '''
"""All of this keeps GUARANTEES 1, 3 to 5 and 9."""


async def test_18_something(broken: bool) -> None:
    """Runs sound and broken."""


def test_other() -> None:
    """Control of GUARANTEES 7."""
'''


def test_promises_are_found_in_docstrings_and_names(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "faults"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text(TEST)
    found = {(keeper.number, keeper.control) for keeper in keepers(tmp_path)}
    assert found == {(1, False), (3, False), (4, False), (5, False), (9, False), (18, True), (7, True)}


def test_a_promise_without_a_test_shows() -> None:
    page = render({"Chat": {9: "Kept.", 10: "Not kept."}}, [Keeper(9, "tests/faults/test_chat.py", True)])
    assert "| 9 | Kept. | [test_chat.py](../tests/faults/test_chat.py) c |" in page
    assert "| 10 | Not kept. | – |" in page


def test_figures_stand_beside_their_promise_and_those_of_no_test_are_left_out() -> None:
    counted = dict.fromkeys(("attempted", "acked", "lost", "duplicated", "reordered", "foreign"), 0)
    figures: dict[str, dict[str, object]] = {
        f"tests/faults/test_chat.py::{test}[sound]": {
            **counted, "acked": 1234, "on": "2026-01-02", "rounds": 20, "recovery_s": 1.26, "notes": {"waited": 2}
        }
        for test in ("test_9_kills", "test_that_was")
    }  # fmt: skip
    page = render_figures(figures, [Keeper(9, "tests/faults/test_chat.py", True, "test_9_kills")])
    assert "| 9 | `test_9_kills` | 2026-01-02 | 20 | 0 | 1,234 | 0 | 0 | 0 | 0 | 1.3 | waited 2 |" in page
    assert "test_that_was" not in page
