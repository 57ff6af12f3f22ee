"""The doctor is green on a sound home and says in red what is wrong with another."""

from pathlib import Path

import pytest

from tests.cli.running import made, run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "home", "diz")


def findings(home: Path, level: str) -> list[str]:
    lines = run(home, "doctor").stdout.splitlines()
    return [line.split(maxsplit=1)[1] for line in lines if line.startswith(level)]


def test_a_sound_home_has_no_red_finding(home: Path) -> None:
    done = run(home, "doctor")
    assert done.exit_code == 0, done.output
    assert findings(home, "red") == []
    assert len(findings(home, "green")) >= 7


def _expose(home: Path) -> None:
    home.chmod(0o755)


def _leave_passphrase(home: Path) -> None:
    (home / "unlock").write_text("here\n")


def _damage_keyring(home: Path) -> None:
    data = bytearray((home / "keyring").read_bytes())
    data[-5] ^= 1
    (home / "keyring").write_bytes(bytes(data))


def _lose_database(home: Path) -> None:
    (home / "ttp.db").unlink()


WRONG = {
    "others may enter": (_expose, "Other users may enter"),
    "passphrase in the home": (_leave_passphrase, "The passphrase lies beside the keys"),
    "keyring damaged": (_damage_keyring, ""),
    "database gone": (_lose_database, "ttp.db is missing"),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_red_and_makes_the_exit_code_1(home: Path, sentence: str) -> None:
    harm, told = WRONG[sentence]
    harm(home)
    assert run(home, "doctor").exit_code == 1
    assert any(told in finding for finding in findings(home, "red"))
