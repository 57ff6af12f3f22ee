"""The unit is one systemd accepts, gets its passphrase as a credential, and may do little else."""

import re
import shutil
import subprocess
from pathlib import Path

UNIT = Path(__file__).parents[2] / "deploy" / "treuhandstelle.service"


def _settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if match := re.fullmatch(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def test_every_line_is_a_section_a_setting_or_a_comment() -> None:
    form = re.compile(r"|#.*|\[(Unit|Service|Install)\]|[A-Za-z]+=.*")
    assert [line for line in UNIT.read_text().splitlines() if not form.fullmatch(line)] == []


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """Where systemd is not installed, the form above is all that can be checked."""
    if analyze := shutil.which("systemd-analyze"):
        copy = tmp_path / UNIT.name
        copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text()))
        done = subprocess.run(
            [analyze, "verify", str(copy)], capture_output=True, text=True, check=False
        )
        complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
        assert complaints == []
        assert done.returncode == 0


def test_the_passphrase_is_a_credential() -> None:
    assert _settings()["LoadCredential"] == ["ttp-unlock:/etc/treuhandstelle/unlock"]
    assert not any("UNLOCK" in value for value in _settings()["Environment"])


def test_memory_never_reaches_a_disk() -> None:
    assert _settings()["LimitCORE"] == ["0"]
    assert _settings()["MemorySwapMax"] == ["0"]


def test_the_service_has_no_privilege() -> None:
    settings = _settings()
    assert settings["User"] == ["ttp"]
    assert settings["CapabilityBoundingSet"] == [""]
    assert settings["NoNewPrivileges"] == ["yes"]
    assert settings["ProtectSystem"] == ["strict"]
