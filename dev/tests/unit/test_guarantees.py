"""Which test keeps which promise is read from docstrings and names."""

from pathlib import Path

from dev.guarantees import Keeper, keepers, render

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
