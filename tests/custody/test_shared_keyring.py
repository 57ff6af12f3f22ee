"""One keyring for several hosts: in a database of its own. With a file, one host serves; drifting apart is refused."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.keyring import Purpose
from tests.builders import ManualClock, make_center
from tests.cli.running import made, run
from tests.conftest import SQLALCHEMY_SCHEME
from tests.postgres_server import new_database
from ttp.config import Settings, load_settings
from ttp.core.access import OPERATOR
from ttp.core.center_identity import KeyringNotShared
from ttp.keeping_keyring import bound_to_host
from ttp.opening import open_center
from ttp.services.custody.fit_keys import keep_keyring_known
from ttp.services.custody.hold_keyring import (
    SECONDS,
    hold_keyring,
    release_keyring,
    require_keyring_here,
)
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms


@pytest.fixture
def keys_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """A database for the keyring, of the same kind as the center's."""
    if not database_url.startswith("postgresql"):
        yield f"sqlite:///{tmp_path / 'keys.db'}"
        return
    with new_database(request.getfixturevalue("postgres_url"), f"k{uuid.uuid4().hex}") as plain:
        yield plain.replace("postgresql://", SQLALCHEMY_SCHEME, 1)


@pytest.fixture
def environment(database_url: str, keys_url: str) -> dict[str, str]:
    return {"TTP_DATABASE": database_url, "TTP_KEYRING": keys_url}


def second_host(home: Path) -> Path:
    """Another host of the same center: its settings, its sealed root and its anchor; nothing else is copied."""
    other = home.with_name("other")
    other.mkdir()
    for name in ("ttp.toml", "root.json", "witnessed.note"):
        shutil.copy(home / name, other / name)
    shutil.copy(home.with_name("home.unlock"), home.with_name("other.unlock"))
    return other


def test_a_second_host_uses_keys_that_the_first_one_made_later(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made(tmp_path / "home", **environment)
    other = second_host(home)
    assert not (home / "keyring").exists()
    assert run(home, "domain", "create", "diz", **environment).exit_code == 0
    monkeypatch.setenv("TTP_UNLOCK_FILE", str(tmp_path / "other.unlock"))
    settings = load_settings(other, environment)
    center = open_center(settings)
    asked = ["p1"]
    center.work.run(
        lambda tx: issue_pseudonyms(center, tx, OPERATOR, domain_name="diz", originals=asked)
    )
    one = open_center(load_settings(home, environment))
    assert one.keyring.active(Purpose.SEAL, "diz") == center.keyring.active(Purpose.SEAL, "diz")
    assert not bound_to_host(settings)


def test_commands_work_with_it_as_with_a_file(tmp_path: Path, environment: dict[str, str]) -> None:
    home = made(tmp_path / "home", "diz", **environment)
    assert "diz" in run(home, "keys", "list", **environment).stdout
    done = run(home, "keys", "backup", tmp_path / "copy", **environment)
    assert (done.exit_code, done.stderr) == (0, "")
    assert (tmp_path / "copy").read_bytes().startswith(b"ttp-keyring")
    looked_over = run(home, "doctor", **environment).stdout
    assert "Keyring and database belong together." in looked_over
    assert ("lie on one server" in looked_over) == environment["TTP_KEYRING"].startswith("postgres")


def test_the_centers_own_database_is_refused_before_anything_is_made(
    tmp_path: Path, database_url: str
) -> None:
    home, secret = tmp_path / "home", tmp_path / "home.unlock"
    secret.write_bytes(b"a passphrase for tests only\n")
    done = run(home, "init", "--name", "nord", TTP_DATABASE=database_url, TTP_KEYRING=database_url)
    assert done.exit_code == 2
    assert "must not lie in the center's own database" in done.stderr
    assert not (home / "root.json").exists()


def test_a_keyring_in_the_centers_database_is_refused_whenever_a_center_is_opened(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    home = made(tmp_path / "home", **environment)
    moved = {**environment, "TTP_KEYRING": environment["TTP_DATABASE"]}
    done = run(home, "keys", "list", **moved)
    assert (done.exit_code, "own database" in done.stderr) == (2, True)


def test_a_keyring_of_another_center_is_not_taken_over(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    made(tmp_path / "home", **environment)
    (tmp_path / "new.unlock").write_bytes(b"a passphrase for tests only\n")
    elsewhere = {**environment, "TTP_DATABASE": ""}
    done = run(tmp_path / "new", "init", "--name", "sued", **elsewhere)
    assert (done.exit_code, "holds a keyring already" in done.stderr) == (2, True)
    assert not (tmp_path / "new" / "root.json").exists()


def test_a_command_on_keys_that_do_not_fit_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made(tmp_path / "home", "diz")
    older = (home / "keyring").read_bytes()
    monkeypatch.setenv("TTP_UNLOCK_FILE", str(tmp_path / "home.unlock"))
    center = open_center(load_settings(home, {}))
    center.keyring.rotate(Purpose.SESSION)
    keep_keyring_known(center)
    (home / "keyring").write_bytes(older)
    done = run(home, "domain", "create", "another")
    assert (done.exit_code, "restore the newer keyring" in done.stderr) == (2, True)


class TestOneHost:
    def test_only_a_keyring_file_beside_a_database_of_several_hosts_is_bound(
        self, tmp_path: Path
    ) -> None:
        assert not bound_to_host(Settings(tmp_path))
        assert bound_to_host(Settings(tmp_path, database="postgresql:///ttp"))
        assert not bound_to_host(
            Settings(tmp_path, database="postgresql:///ttp", keyring="postgresql:///keys")
        )

    def test_a_second_host_is_refused_until_the_first_one_lets_go(
        self, tmp_path: Path, database_url: str
    ) -> None:
        center = make_center(tmp_path, database_url)
        center.work.run(lambda tx: hold_keyring(center, tx, host="a"))
        center.work.run(lambda tx: hold_keyring(center, tx, host="a"))
        with pytest.raises(KeyringNotShared):
            center.work.run(lambda tx: hold_keyring(center, tx, host="b"))
        with pytest.raises(KeyringNotShared):
            center.work.run(lambda tx: require_keyring_here(center, tx, host="b"), write=False)
        center.work.run(lambda tx: require_keyring_here(center, tx, host="a"), write=False)
        center.work.run(lambda tx: release_keyring(center, tx, host="a"))
        center.work.run(lambda tx: require_keyring_here(center, tx, host="b"), write=False)

    def test_a_host_that_died_is_followed_after_its_hold(self, tmp_path: Path) -> None:
        clock = ManualClock()
        center = replace(make_center(tmp_path), clock=clock)
        clock.skip(days=3000)
        center.work.run(lambda tx: hold_keyring(center, tx, host="a"))
        clock.skip(seconds=SECONDS + 1)
        center.work.run(lambda tx: hold_keyring(center, tx, host="b"))
        with pytest.raises(KeyringNotShared):
            center.work.run(lambda tx: hold_keyring(center, tx, host="a"))
