"""With real processes: a SQLite file that is copied back is refused, shown, accepted by two persons, and served."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests.cli.running import free_port, made, run, served
from tests.restores.backups import back_up, put_back
from ttp.anchoring import ANCHOR_FILE

PASSWORDS = {name: f"{name} has a long password" for name in ("anna", "berta")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = made(tmp_path / "home", "diz")
    for name, password in PASSWORDS.items():
        file = tmp_path / name
        file.write_text(password)
        done = run(home, "staff", "create", name, "--role", "steward", "--password-file", file)
        assert done.exit_code == 0, done.output
    return home


def accept(home: Path, name: str) -> str:
    done = run(
        home,
        *("restore", "accept", "--reason", "hardware", "--as", name),
        TTP_PASSWORD=PASSWORDS[name],
    )
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.timeout(120)
def test_a_database_copied_back_is_served_after_two_persons_accepted_it(home: Path) -> None:
    url = f"sqlite:///{home / 'ttp.db'}"
    with served(home):
        until_anchored(home)
        old = (home / ANCHOR_FILE).read_text()
        copy = back_up(url, home.with_name("copy.db"))
        assert run(home, "domain", "create", "lost").exit_code == 0
        until_anchored(home, beyond=old)
    put_back(url, copy)

    refused = run(home, "serve", "--port", str(free_port()))
    assert refused.exit_code == 2
    assert "older than a checkpoint that was witnessed" in refused.stderr
    looked_over = run(home, "doctor").stdout.splitlines()
    assert any("older than a checkpoint" in line for line in looked_over if line.startswith("red"))
    assert run(home, "domain", "create", "refused").exit_code == 2

    shown = run(home, "restore", "show").stdout
    assert "database-outdated" in shown
    assert "kept in the home" in shown
    assert "A second person" in accept(home, "anna")
    assert "anna has accepted it" in run(home, "restore", "show").stdout
    assert run(home, "serve", "--port", str(free_port())).exit_code == 2
    again = run(
        home,
        *("restore", "accept", "--reason", "hardware", "--as", "anna"),
        TTP_PASSWORD=PASSWORDS["anna"],
    )
    assert again.exit_code == 2
    assert "Accepted." in accept(home, "berta")

    with served(home) as (address, _):
        assert httpx.get(f"{address}/readyz").json()["status"] == "ready"
        assert run(home, "domain", "create", "found").exit_code == 0
    assert "Nothing contradicts it." in run(home, "restore", "show").stdout


@pytest.mark.timeout(60)
def test_a_home_whose_anchor_was_deleted_does_not_start(home: Path) -> None:
    with served(home):
        until_anchored(home)
    (home / ANCHOR_FILE).unlink()
    refused = run(home, "serve", "--port", str(free_port()))
    assert refused.exit_code == 2
    assert "'witnessed.note' of this home is gone" in refused.stderr


def until_anchored(home: Path, *, beyond: str = "") -> None:
    """Wait until the worker has written an anchor other than that one."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if (home / ANCHOR_FILE).exists() and (home / ANCHOR_FILE).read_text() != beyond:
            return
        time.sleep(0.1)
    raise AssertionError("no anchor was written")
