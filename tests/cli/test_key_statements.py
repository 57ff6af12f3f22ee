"""``ttp keys`` for keys that others hold: rotate, statements, revoke; and ``ttp linkage secret rotate``."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tests.cli.running import made, run
from ttp.cli.linkage import secret


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "nord")


def told(home: Path, *arguments: str) -> str:
    done = run(home, *arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_signing_key_is_rotated_by_the_worker_and_not_here(home: Path) -> None:
    refused = run(home, "keys", "rotate", "signing", "--here")
    assert refused.exit_code == 2
    assert "worker" in refused.output
    assert "begins" in told(home, "keys", "rotate", "signing")
    assert "signing" in told(home, "keys", "status")


def test_a_revoked_key_is_stated_and_the_trust_file_names_its_successor(home: Path) -> None:
    before = json.loads((home / "trust.json").read_text("utf-8"))["centers"][0]["key_id"]
    assert before in told(home, "keys", "revoke", "signing", "--yes")
    after = json.loads((home / "trust.json").read_text("utf-8"))["centers"][0]
    assert after["key_id"] != before
    assert after["statements"] == 1
    assert [(one["key_id"], one["revoked"]) for one in after["former_keys"]] == [(before, True)]
    row = told(home, "keys", "statements").splitlines()[1].split()
    assert (row[1], row[-2], row[-1]) == ("revoked", before, after["key_id"])


def test_revoking_asks_before_it_acts(home: Path) -> None:
    assert run(home, "keys", "revoke", "signing").exit_code == 1
    assert len(told(home, "keys", "statements").splitlines()) == 1


def test_rotating_a_secret_is_a_command_of_its_own() -> None:
    assert isinstance(secret, click.Group)
    assert "rotate" in secret.commands
