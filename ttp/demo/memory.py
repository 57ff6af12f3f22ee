"""Memory: what all processes of the demonstration hold together, each shared page counted once (PSS)."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

SAMPLE_SECONDS = 0.5
_KIB = 1024


class MemoryWatch:
    """Samples the proportional set size of this process and all its descendants in a thread of its own."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.peak_processes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="memory")

    def start(self) -> MemoryWatch:
        """Begin to sample."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Take a last sample and end."""
        self._stop.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        processes = family_of(os.getpid())
        held = sum(pss_of(process) for process in processes)
        if held > self.peak_bytes:
            self.peak_bytes, self.peak_processes = held, len(processes)


def family_of(process: int) -> list[int]:
    """The process and all its descendants that live now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            pid = int(entry.name)
            stat = (entry / "stat").read_text()
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(pid)
    found, waiting = [], [process]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children.get(found[-1], ()))
    return found


def pss_of(process: int) -> int:
    """The proportional set size of a process in bytes (proc(5), smaps_rollup); 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * _KIB
    return 0
