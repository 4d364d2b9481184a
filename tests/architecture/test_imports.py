"""The import rules hold, and a broken copy of the tree is caught breaking each of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev import services
from dev.layout import ROOT

PACKAGES = [ROOT / "chassis" / "chassis", *(services.folder(name) / services.package(name) for name in services.NAMES)]
BREACHES = {
    "services": ("auth/domain.py", "import classroom.events"),
    "chassis": ("chassis/errors.py", "import auth.events"),
    "layers": ("classroom/events.py", "import classroom.app"),
    "domain": ("auth/domain.py", "import aiohttp"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of every package, side by side, with the same rules."""
    for package in PACKAGES:
        shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path, *only: str) -> subprocess.CompletedProcess[str]:
    """import-linter over the copy, which comes before the installed packages."""
    program = Path(sys.executable).parent / "lint-imports"
    contracts = [part for contract in only for part in ("--contract", contract)]
    return subprocess.run(
        [program, "--no-cache", *contracts],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_rules_hold(tree: Path) -> None:
    checked = lint(tree)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_caught(tree: Path, contract: str) -> None:
    file, line = BREACHES[contract]
    path = tree / file
    path.write_text(f"{path.read_text('utf-8') if path.exists() else ''}\n{line}\n", "utf-8")
    checked = lint(tree, contract)
    assert checked.returncode != 0, checked.stdout
    assert "BROKEN" in checked.stdout
