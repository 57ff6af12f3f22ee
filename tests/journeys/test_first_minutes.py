"""The first minutes of a new user, as README.md tells them: its lines are run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(
    r"<!-- this block is executed by tests/journeys/test_first_minutes.py -->\n```console\n(.*?)```",
    re.DOTALL,
)


def test_the_lines_of_the_readme_do_what_it_says(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("$ ")
        for block in BLOCK.findall(README.read_text())
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "out.csv").read_text().splitlines()
    pseudonyms = [row.split(",")[0] for row in rows[1:]]
    assert rows[0] == "pid,finding"
    assert pseudonyms[0] == pseudonyms[2] != pseudonyms[1]
    assert len((tmp_path / "pipeline.key").read_text().strip()) > 30
    assert "leaves" in done.stdout
    assert "pseudonyms.issued" in done.stdout
