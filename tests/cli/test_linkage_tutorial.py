"""The tutorial of linkage is a script that works, offline and without a home."""

import os
import re
import subprocess
import sys
from pathlib import Path

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
    assert "95 % interval" in done.stdout
    assert (tmp_path / "result.html").exists()
