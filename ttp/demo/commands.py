"""Commands: some steps run ``ttp`` itself, as an auditor or a researcher would on a machine of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ttp.demo.centers import COMMAND, clean_environment
from ttp.demo.errors import DemoFailed

LONGEST_SECONDS = 300


def ttp(*arguments: str | Path) -> str:
    """Run a command and give what it prints.

    Raises:
        DemoFailed: it did not end with 0; its error output is told.
    """
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=clean_environment(),
        timeout=LONGEST_SECONDS,
    )
    if done.returncode != 0:
        shown = " ".join(map(str, arguments))
        raise DemoFailed(f"'ttp {shown}' ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout
