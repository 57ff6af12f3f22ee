"""Nothing is served on keys, a database or a clock that do not belong together; the refusal says what is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys.keyring import Purpose
from tests.builders import ManualClock, make_center
from tests.cli.running import free_port, made, run
from ttp.config import load_settings
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.center_identity import CenterIdentity, KeyringOutdated, KeysDoNotFit
from ttp.core.errors import ClockBehind
from ttp.core.event_kinds import EventKind
from ttp.opening import open_center
from ttp.services.custody.fit_keys import keep_keyring_known, remember_keyring, require_fit
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.log.sequence_leaves import sequence_waiting

NOTE = Act(EventKind.TASK_REQUESTED)


def record(center: Center) -> None:
    center.work.run(lambda tx: record_leaf(center, tx, OPERATOR, NOTE))


def at(center: Center, moment: datetime) -> Center:
    """The same center, opened anew where the clock shows another time."""
    return replace(center, clock=ManualClock(moment))


def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Center:
    monkeypatch.setenv("TTP_UNLOCK_FILE", str(home.with_name(f"{home.name}.unlock")))
    return open_center(load_settings(home, {}))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "home", "diz")


Harm = Callable[[Path, pytest.MonkeyPatch], None]


def _take_the_database_of_another(home: Path, _: pytest.MonkeyPatch) -> None:
    other = made(home.with_name("other"))
    for file in home.glob("ttp.db*"):
        file.unlink()
    with sqlite3.connect(other / "ttp.db") as given, sqlite3.connect(home / "ttp.db") as taken:
        given.backup(taken)


def _restore_an_older_keyring(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = (home / "keyring").read_bytes()
    center = opened(home, monkeypatch)
    center.keyring.rotate(Purpose.SESSION)
    keep_keyring_known(center)
    (home / "keyring").write_bytes(older)


def _set_the_clock_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from the log: its last entry was made an hour from now."""
    center = opened(home, monkeypatch)
    record(at(center, datetime.now(UTC) + timedelta(hours=1)))


REFUSALS: dict[str, tuple[Harm, str, str]] = {
    "the database of another center": (
        _take_the_database_of_another,
        "The keyring of this home is not the one this database was written with.",
        "not the one this database was written with",
    ),
    "an older keyring": (
        _restore_an_older_keyring,
        "restore the newer keyring",
        "restore the newer keyring",
    ),
    "a clock before the last entry": (
        _set_the_clock_back,
        "The clock stands before the last audit entry",
        "The clock stands before the newest audit entry",
    ),
}


@pytest.mark.timeout(60)  # a center that starts after all would serve for ever
@pytest.mark.parametrize("sentence", REFUSALS)
def test_the_center_does_not_start_and_the_doctor_says_why(
    home: Path, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm, refused, told = REFUSALS[sentence]
    harm(home, monkeypatch)
    done = run(home, "serve", "--port", str(free_port()))
    assert done.exit_code == 2
    assert refused in done.stderr
    assert not (home / "root.sock").exists()
    looked_over = run(home, "doctor")
    assert looked_over.exit_code == 1
    assert any(told in line for line in looked_over.stdout.splitlines() if line.startswith("red"))


def test_a_center_fits_itself_and_remembers_every_change_of_its_keyring(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    center.work.run(lambda tx: require_fit(center, tx), write=False)
    assert keep_keyring_known(center) == 0
    center.keyring.rotate(Purpose.SESSION)
    assert keep_keyring_known(center) == 1
    assert keep_keyring_known(center) == 0
    known = center.work.run(lambda tx: tx.center_identity.get(), write=False)
    assert known == CenterIdentity(center.keyring.fingerprint(), center.keyring.generation())


def test_of_two_generations_the_later_one_stays_remembered(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    fingerprint = center.keyring.fingerprint()
    for generation in (90, 80):
        stood = CenterIdentity(fingerprint, generation)
        center.work.run(lambda tx, stood=stood: tx.center_identity.put(stood))  # type: ignore[misc] # bound at once
    with pytest.raises(KeyringOutdated):
        center.work.run(lambda tx: require_fit(center, tx), write=False)
    known = center.work.run(lambda tx: tx.center_identity.get(), write=False)
    assert known == CenterIdentity(fingerprint, 90)


def test_a_database_that_knows_no_keyring_takes_the_first_one_with_a_leaf(home: Path) -> None:
    """As after the migration that brought the table."""
    with sqlite3.connect(home / "ttp.db") as database:
        database.execute("DELETE FROM center_identity")
        database.execute("DELETE FROM audit_leaf")
    with pytest.MonkeyPatch.context() as patch:
        center = opened(home, patch)
    assert center.work.run(lambda tx: remember_keyring(center, tx)) == 1
    leaves = center.work.run(lambda tx: tx.audit.unsequenced(10), write=False)
    assert [b'"keyring.adopted"' in leaf.body for leaf in leaves] == [True]


def test_a_database_that_knows_no_keyring_is_told_by_who_signed_its_log(tmp_path: Path) -> None:
    center, stranger = make_center(tmp_path), make_center(tmp_path / "elsewhere")
    sequence_waiting(center, holder="test")
    with sqlite3.connect(tmp_path / "nord" / "ttp.db") as database:
        database.execute("DELETE FROM center_identity")
    mixed = replace(center, keyring=stranger.keyring)
    with pytest.raises(KeysDoNotFit):
        mixed.work.run(lambda tx: remember_keyring(mixed, tx))
    center.keyring.rotate(Purpose.SIGNING)
    assert center.work.run(lambda tx: remember_keyring(center, tx)) == 1


def test_another_keyring_is_never_remembered_in_place_of_the_first(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    stranger = make_center(tmp_path / "elsewhere")
    mixed = replace(center, keyring=stranger.keyring)
    with pytest.raises(KeysDoNotFit):
        mixed.work.run(lambda tx: remember_keyring(mixed, tx))
    center.work.run(lambda tx: require_fit(center, tx), write=False)


class TestClock:
    def test_a_clock_that_runs_back_stops_writing_until_it_is_right(self, tmp_path: Path) -> None:
        clock = ManualClock(datetime.now(UTC))
        center = replace(make_center(tmp_path), clock=clock)
        record(center)
        clock.skip(minutes=-1)
        with pytest.raises(ClockBehind):
            record(center)
        clock.skip(minutes=1)
        record(center)

    def test_a_step_back_of_a_second_is_what_time_services_do(self, tmp_path: Path) -> None:
        clock = ManualClock(datetime.now(UTC))
        center = replace(make_center(tmp_path), clock=clock)
        record(center)
        clock.skip(seconds=-1)
        record(center)

    def test_what_was_refused_left_no_entry(self, tmp_path: Path, database_url: str) -> None:
        clock = ManualClock(datetime.now(UTC))
        center = replace(make_center(tmp_path, database_url), clock=clock)
        record(center)
        before = center.work.run(lambda tx: len(tx.audit.unsequenced(100)), write=False)
        clock.skip(hours=-1)
        with pytest.raises(ClockBehind):
            record(center)
        assert center.work.run(lambda tx: len(tx.audit.unsequenced(100)), write=False) == before

    def test_a_process_that_starts_knows_the_newest_entry_of_the_others(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record(at(opened(home, monkeypatch), datetime.now(UTC) + timedelta(hours=1)))
        with pytest.raises(ClockBehind):
            record(opened(home, monkeypatch))
