"""``ttp keys`` as an operator uses it; nothing it prints is a key."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.running import made, run, served

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "nord", "diz", "heart")


def told(home: Path, *arguments: str | Path) -> str:
    done = run(home, "keys", *arguments)
    assert done.exit_code == 0, done.output
    return done.output


def named(output: str) -> str:
    found = UUID.search(output)
    assert found is not None, output
    return found.group()


def test_rotate_here_and_see_the_versions(home: Path) -> None:
    assert "1→2" in told(home, "rotate", "index", "diz", "--here")
    listed = [line.split() for line in told(home, "list", "--scope", "diz").splitlines()]
    states = [(row[1], row[2], row[3]) for row in listed if row[1] == "index"]
    assert states == [("index", "1", "retired"), ("index", "2", "active")]


def test_a_rotation_is_paused_and_resumed_and_its_status_shown(home: Path) -> None:
    rotation = named(told(home, "rotate", "seal", "diz"))
    assert "running" in told(home, "status")
    assert "paused" in told(home, "pause", rotation)
    assert "running" in told(home, "resume", rotation)


def test_the_worker_of_a_served_center_rotates(home: Path) -> None:
    with served(home):
        rotation = named(told(home, "rotate", "index", "diz"))
        for _ in range(150):
            if f"{rotation}  index    diz    1→2       done" in told(home, "status"):
                return
        pytest.fail(told(home, "status"))


def test_one_person_does_not_destroy_keys(home: Path) -> None:
    destruction = named(told(home, "destroy", "diz"))
    alone = run(home, "keys", "approve", destruction)
    assert alone.exit_code == 2
    assert "Four eyes" in alone.output
    assert "refused" in told(home, "refuse", destruction)


def test_from_backup_to_complete_receipt(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "keyring.copy"
    backup = named(told(home, "backup", file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(home, "keys", "backup", file).exit_code == 2
    destruction = named(told(home, "destroy", "diz"))
    approved = run(home, "keys", "approve", destruction, TTP_FOUR_EYES="demo")
    receipt = json.loads(approved.output)
    assert receipt["complete"] is False
    assert [one["backup"] for one in receipt["copies"]] == [backup]
    told(home, "confirm-disposal", backup)
    assert json.loads(told(home, "receipt", destruction))["complete"] is True
    assert "operator" in told(home, "backups")
    assert {line.split()[3] for line in told(home, "list", "--scope", "diz").splitlines()[1:]} == {
        "destroyed"
    }


def test_a_retired_version_is_destroyed_once_nothing_uses_it(home: Path) -> None:
    in_use = run(home, "keys", "destroy", "diz", "--purpose", "seal", "--version", "1")
    assert in_use.exit_code == 2
    told(home, "rotate", "seal", "diz", "--here")
    assert "waits" in told(home, "destroy", "diz", "--purpose", "seal", "--version", "1")
