"""The guide to this door was run: every command in it is answered as it shows; ``…`` stands for anything."""

import os
import re
import subprocess
from pathlib import Path

from tests.builders import make_center, make_domain, make_key
from tests.fhir.test_over_http import served

GUIDE = Path(__file__).parents[2] / "docs" / "fhir.md"
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Each command and what it shows."""
    lines = [line for block in CONSOLE.findall(GUIDE.read_text()) for line in block.splitlines()]
    return [(lines[at].removeprefix("$ "), lines[at + 1]) for at in range(0, len(lines), 2)]


def test_every_command_of_the_guide_is_answered_as_it_shows(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    make_domain(center, "diz")
    key = make_key(center, "diz")
    assert len(commands()) >= 7
    with served(center) as connection:
        address = f"http://127.0.0.1:{connection.port}"
        for command, shown in commands():
            told = subprocess.run(
                ["bash", "-c", command],
                env={**os.environ, "URL": address, "KEY": key},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            wanted = ".*".join(map(re.escape, shown.split("…")))
            assert re.fullmatch(wanted, told.strip(), re.DOTALL), (command, told)
