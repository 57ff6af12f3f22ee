"""A home whose root an HSM wraps: it serves without people where the URI says where the PIN is, else with the PIN."""

from pathlib import Path

import httpx
import pytest

from tests.cli.running import run
from tests.custody.quorum_home import serving
from tests.keys.softhsm import PIN, SoftHSM, lacking

pytestmark = pytest.mark.skipif(
    bool(lacking()), reason="tests/keys/test_custody_pkcs11.py says what is lacking"
)


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHSM:
    (tmp_path / "hsm").mkdir()
    made = SoftHSM(tmp_path / "hsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(made.configuration))
    return made


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    file = tmp_path / "pin"
    file.write_bytes(PIN + b"\n")
    return file


def bare(hsm: SoftHSM) -> str:
    """The URI as an operator gives it, without the file of the wrapped root."""
    return hsm.uri().partition("&ttp-file=")[0]


def test_with_a_pin_source_the_home_serves_without_people(
    tmp_path: Path, hsm: SoftHSM, pin: Path
) -> None:
    home = tmp_path / "h"
    done = run(home, "init", "--custody", f"{bare(hsm)}&pin-source=file:{pin}")
    assert done.exit_code == 0, done.output
    assert not (home / "unlock").exists()
    shown = run(home, "custody", "show").stdout
    assert f"wrapped root: {home / 'root.json'}" in shown
    assert PIN.decode() not in shown + (home / "ttp.toml").read_text()
    with serving(home) as now:
        assert now.wait(200).json()["status"] == "ready"
        assert httpx.get(f"{now.url}/livez").status_code == 200
    assert run(home, "doctor").exit_code == 0


def test_without_one_the_pin_takes_the_place_of_the_passphrase(
    tmp_path: Path, hsm: SoftHSM, pin: Path
) -> None:
    home = tmp_path / "h"
    done = run(home, "init", "--custody", bare(hsm), "--pin-file", pin)
    assert done.exit_code == 0, done.output
    assert run(home, "domain", "list", TTP_UNLOCK_FILE=str(pin)).exit_code == 0
    sealed = run(home, "domain", "list")
    assert sealed.exit_code == 2
    assert "The home is sealed" in sealed.stderr


def test_a_wrong_pin_makes_no_home_and_is_not_repeated(tmp_path: Path, hsm: SoftHSM) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("0000-wrong\n")
    done = run(tmp_path / "h", "init", "--custody", bare(hsm), "--pin-file", wrong)
    assert done.exit_code == 2
    assert "0000" not in done.output
    assert not (tmp_path / "h" / "ttp.toml").exists()
