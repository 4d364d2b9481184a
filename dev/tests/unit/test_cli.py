"""The commands where there is nothing to command, or a Docker engine answers."""

from pathlib import Path

import pytest

from dev import cli, compose


@pytest.mark.parametrize("command", [["backup", "backups"], ["demo"], ["import", "package.zip"]])
def test_a_command_that_needs_a_stack_says_how_to_start_it(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([*command, "--state", str(tmp_path / ".homeroom")]) == 1
    assert "`make up` starts it" in capsys.readouterr().err


def test_a_restart_of_containers_starts_no_second_stack_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docker` is a program that succeeds and writes down what it was asked."""
    state, asked = tmp_path / ".homeroom", tmp_path / "asked"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$*" >> {asked}\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("HOMEROOM_NATIVE", raising=False)
    monkeypatch.setattr(compose, "USUAL", state)
    monkeypatch.setattr("dev.demo.ensure", lambda *_: [])
    assert cli.main(["restart", "--state", str(state)]) == 0
    assert " up --detach --build --wait" in asked.read_text().splitlines()[-1]


def test_a_reset_deletes_no_folder_that_is_no_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert cli.main(["reset", "--state", str(tmp_path)]) == 1
    assert "nothing is deleted" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
