"""Where custodians hold the root key they come once: the center waits, unsealed, until two persons have accepted."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests.cli.running import run
from tests.custody.quorum_home import QuorumHome, Serving, quorum_home, serving
from tests.restores.backups import back_up, put_back
from ttp.anchoring import ANCHOR_FILE


def unsealed(home: QuorumHome, now: Serving) -> None:
    now.wait(503)
    for name in ("Anders", "Celik"):
        assert run(home.path, "unseal", input=f"{home.papers[name]}\n").exit_code == 0


def refused_with(now: Serving, code: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if httpx.get(f"{now.url}/api/v1/domains").json()["code"] == code:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(now.log.read_text(errors="replace")[-1500:])


@pytest.mark.timeout(120)
def test_the_root_is_held_until_two_persons_have_accepted(tmp_path: Path) -> None:
    home = quorum_home(tmp_path)
    url, anchor = f"sqlite:///{home.path / 'ttp.db'}", home.path / ANCHOR_FILE
    with serving(home.path) as now:
        unsealed(home, now)
        now.wait(200)
        for name in ("anna", "berta"):
            file = tmp_path / name
            file.write_text(f"{name} has a long password")
            options = ("--role", "steward", "--password-file", str(file))
            assert run(home.path, "staff", "create", name, *options).exit_code == 0
        copy = back_up(url, tmp_path / "copy.db")
        time.sleep(6)  # the anchor is looked after every five seconds
        before = anchor.read_bytes()
        assert run(home.path, "domain", "create", "lost").exit_code == 0
        end = time.monotonic() + 30
        while anchor.read_bytes() == before and time.monotonic() < end:
            time.sleep(0.1)
    put_back(url, copy)

    with serving(home.path) as now:
        unsealed(home, now)
        refused_with(now, "database-outdated")
        assert httpx.get(f"{now.url}/livez").status_code == 200
        for name in ("anna", "berta"):
            options = ("--reason", "drill", "--as", name)
            done = run(
                home.path, "restore", "accept", *options, TTP_PASSWORD=f"{name} has a long password"
            )
            assert done.exit_code == 0, done.output
        now.wait(200)
