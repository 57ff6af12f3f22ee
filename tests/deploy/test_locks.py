"""Locks hold names, versions and hashes, agree with one another, and name no address."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "deploy" / "locks").glob("*.txt"))
ASSETS = ROOT / "ttp" / "pages" / "assets"
LINE = re.compile(r"[a-z0-9-]+==[^ ;]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def _pins(lock: Path) -> dict[str, str]:
    lines = [line for line in lock.read_text().splitlines() if "==" in line and line[0] != " "]
    return dict(re.split("==", line.split()[0], maxsplit=1) for line in lines)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_a_lock_is_pins_and_hashes_only(lock: Path) -> None:
    assert [line for line in lock.read_text().splitlines() if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_what_is_served_is_what_was_tested(lock: Path) -> None:
    assert _pins(lock).items() <= _pins(ROOT / "deploy" / "locks" / "dev.txt").items()


def test_the_npm_lock_names_no_address_and_hashes_everything() -> None:
    packages = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_the_npm_packages_are_asked_for_by_exact_version() -> None:
    manifest = json.loads((ASSETS / "package.json").read_text())
    wanted = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert {n: v for n, v in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", v)} == {}
