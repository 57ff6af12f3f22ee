"""Private files: a new one is for its owner's eyes only (mode 0600), one that stands keeps the mode it was given."""

from __future__ import annotations

import stat
from pathlib import Path

PRIVATE = 0o600


def make_private(path: Path) -> Path:
    """Make the file, if there is none, before anything is written to it, so that nobody else can ever open it."""
    path.touch(mode=PRIVATE)
    return path


def put_in_place(temporary: Path, path: Path) -> None:
    """Let a finished file take the place of ``path``, all at once, with the mode of the one that stood there."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = PRIVATE
    temporary.chmod(mode)
    temporary.replace(path)
