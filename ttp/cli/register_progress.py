"""Progress of a registration: how far a file is stands beside it, so that the same command goes on there.

Registering again is safe; this only saves the time of asking for what is known. A file that changed is begun anew.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from keys.private_files import make_private

_EVERY = 1.0
"""Seconds between two notes."""


@dataclass(slots=True)
class Standing:
    """How far a file is: rows answered, what came of them, and the bad ones (number and problem, no value)."""

    file: Path
    purpose: str
    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)
    _noted: float = 0.0

    @property
    def place(self) -> Path:
        """Where it is noted."""
        return self.file.with_name(f"{self.file.name}.register.resume")

    def note(self) -> None:
        """Write it down now and then; where nothing can be written, an interruption costs time only."""
        if time.monotonic() - self._noted < _EVERY:
            return
        self.write()

    def write(self) -> None:
        """Write it down, whole or not at all."""
        document = {
            "of": _of(self.file, self.purpose),
            "done": self.done,
            "counts": dict(self.counts),
            "bad": self.bad,
        }
        part = self.place.with_suffix(".part")
        with contextlib.suppress(OSError):
            make_private(part).write_bytes(orjson.dumps(document))
            part.replace(self.place)
        self._noted = time.monotonic()

    def end(self) -> None:
        """The file is done."""
        with contextlib.suppress(OSError):
            self.place.unlink(missing_ok=True)


def standing_of(file: Path, purpose: str) -> Standing:
    """How far the same command came with this file; at the beginning if the file or the command is another."""
    standing = Standing(file, purpose)
    try:
        found = orjson.loads(standing.place.read_bytes())
        if found["of"] == _of(file, purpose):
            standing.done = int(found["done"])
            standing.counts = Counter(found["counts"])
            standing.bad = [(int(number), str(problem)) for number, problem in found["bad"]]
    except (OSError, ValueError, KeyError, TypeError):
        return Standing(file, purpose)
    return standing


def _of(file: Path, purpose: str) -> list[object]:
    state = file.stat()
    return [purpose, state.st_size, state.st_mtime_ns]
