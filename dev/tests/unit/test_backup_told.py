"""What is told of backups, and what of them is kept."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from dev import backup
from dev.backup import Manifest

TAKEN_AT = "2026-11-25T02:00:00+00:00"


def told(folder: Path, target: Path, *, failed: bool) -> dict[str, float]:
    backup.record(folder, target, failed=failed)
    lines = [line for line in target.read_text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.split() for line in lines)}


def test_the_newest_whole_backup_stays_when_one_fails(tmp_path: Path) -> None:
    folder, target = tmp_path / "backups", tmp_path / "metrics" / "backup.prom"
    assert told(folder, target, failed=True) == {backup.FAILED: 1}
    whole = folder / "2026-11-25T02-00-00.000000Z"
    whole.mkdir(parents=True)
    (whole / "manifest.json").write_text(json.dumps(asdict(Manifest(TAKEN_AT, {}, {}, []))))
    (folder / ".2026-11-26T02-00-00.000000Z").mkdir()
    assert told(folder, target, failed=False) == {backup.TAKEN: 1795572000, backup.FAILED: 0}
    assert told(folder, target, failed=True) == {backup.TAKEN: 1795572000, backup.FAILED: 1}
    assert target.stat().st_mode & 0o044, "node_exporter is somebody else"


def test_a_backup_that_was_broken_off_is_deleted_with_the_next(tmp_path: Path) -> None:
    """A dump of everybody's data must not stay longer than backups do."""
    (tmp_path / "blobs").mkdir()
    (tmp_path / ".2026-11-26T02-00-00.000000Z").mkdir()
    backup.prune(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["blobs"]


def test_two_backups_into_one_folder_are_not_made_at_once(tmp_path: Path) -> None:
    with backup.alone(tmp_path), pytest.raises(backup.BackupError, match="another backup"), backup.alone(tmp_path):
        pass
    with backup.alone(tmp_path):
        pass
