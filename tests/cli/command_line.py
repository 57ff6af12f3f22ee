"""The real program in a process of its own."""

import subprocess
import sys
from pathlib import Path


def ttp(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``ttp`` with arguments; nothing is captured but what it prints."""
    command = [sys.executable, "-m", "ttp.cli", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def refused(done: subprocess.CompletedProcess[str], sentence: str) -> bool:
    """Whether a run was refused: exit code 2, this in one clear sentence, no traceback."""
    said = done.stderr
    return done.returncode == 2 and sentence in said and "Traceback" not in said
