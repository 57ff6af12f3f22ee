"""The tutorial of linkage is a script that works, offline and without a home."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.running import VARIABLES

TUTORIAL = Path(__file__).parents[2] / "docs" / "linkage-tutorial.md"


def test_the_tutorial_leads_from_two_files_to_linked_records(tmp_path: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    script = "\n".join(re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks)
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={**kept, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "result" / "links.csv").read_text().splitlines()) > 100
    assert "not shown to be protected" in done.stdout
    assert "exit code 1" in done.stdout
    assert all(line in done.stdout.splitlines() for line in printed())
    assert failed(tmp_path / "gate") >= {"A rank", "C attack"}
    assert 0.85 < found(tmp_path / "gate") < 0.95  # nine of ten
    assert failed(tmp_path / "passed") == set()
    assert "rank 0 and a leakage index of 0.00138" in TUTORIAL.read_text()
    assert "rank 0 of" in done.stdout
    assert "x = 0.00138:" in done.stdout
    assert "95 % interval" in done.stdout
    assert (tmp_path / "result.html").exists()


def printed() -> list[str]:
    """What the tutorial says is printed."""
    (block,) = re.findall(r"```text\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    return str(block).splitlines()


def told(folder: Path) -> Any:
    return json.loads((folder / "attack.json").read_text())


def failed(folder: Path) -> set[str]:
    """The gates that did not pass."""
    return {gate["name"] for gate in told(folder)["gates"] if gate["verdict"] != "passed"}


def found(folder: Path) -> float:
    """The share of persons found where both sides hold the same."""
    (trial,) = [one for one in told(folder)["attacks"] if one["overlap"] == 1.0]
    return float(trial["recall"]["value"])
