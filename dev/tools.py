"""Environments of their own for tools that neither Homeroom nor its tests import."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.layout import ROOT


@dataclass(frozen=True, slots=True)
class Environment:
    """`.venv-<name>`, filled from `requirements/<name>.txt`; `finish` adds what pip cannot."""

    name: str
    finish: Callable[[Path], None] = lambda _: None

    @property
    def folder(self) -> Path:
        return ROOT / f".venv-{self.name}"

    def program(self, name: str) -> Path:
        """The path of a tool, installed when it is not there yet."""
        self._ensure()
        return self.folder / "bin" / name

    def _ensure(self) -> None:
        requirements, stamp = ROOT / "requirements" / f"{self.name}.txt", self.folder / "homeroom.stamp"
        wanted = hashlib.sha256(f"{sys.version}{ROOT}{requirements.read_text()}".encode()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print(f"Installing the tools of requirements/{self.name}.txt into {self.folder.name}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", self.folder], check=True)
        pip = [str(self.folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        subprocess.run([*pip, "-r", str(requirements)], check=True)
        self.finish(self.folder)
        stamp.write_text(wanted)
