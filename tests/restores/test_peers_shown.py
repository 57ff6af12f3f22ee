"""Persons see whose log is not witnessed, and where a restore waits for them: on the page and in the list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.running import PASSPHRASE, run
from tests.pages.people import Browser, make_person
from tests.restores.test_witnessed_restores import Two
from ttp.core.access import Role


@pytest.fixture
def two(tmp_path: Path) -> Two:
    two = Two(tmp_path)
    two.grow(two.nord, "one", "two")
    two.restore()
    two.accept()
    two.grow(two.nord, "three", "four", "five", "six", "seven")
    return two


def test_the_page_tells_who_witnessed_a_peers_log_and_that_it_announced_a_restore(
    two: Two,
) -> None:
    make_person(two.sued, Role.STEWARD)
    two.clock.skip(hours=25)
    browser = Browser(two.sued)
    browser.log_in("steward")
    text = browser.get("/peers").get_data(as_text=True)
    announced = two.sued.work.run(lambda tx: tx.peer_logs.announced("nord"), write=False)
    assert announced is not None
    assert f"Wiederherstellung gemeldet bei {announced.size}" in text
    assert "zu alt" in text


def test_the_list_of_peers_tells_it_too_and_one_person_of_a_demonstration_accepts(
    two: Two, tmp_path: Path
) -> None:
    (tmp_path / "sued.unlock").write_bytes(PASSPHRASE)
    home = tmp_path / "sued"
    assert "restore announced at" in run(home, "peer", "list").stdout
    assert "Accepted" in run(home, "peer", "accept-restore", "nord").stdout
    assert "restore announced at" not in run(home, "peer", "list").stdout
    assert run(home, "peer", "accept-restore", "nord").exit_code == 2
    replace(two.sued).work.close()
