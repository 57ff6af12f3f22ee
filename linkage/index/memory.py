"""Memory without a name: mapped by those who are handed it, never a file, gone with its processes.

Linux gives it as a file descriptor (memfd_create(2)). Another process of the same user maps it
through /proc; a process that must not be inspected hands its descriptors down by forking instead.
Swap is the one way such memory reaches a disk: switch it off or encrypt it.
"""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linkage.refusals import IndexGone

PAGE: Final = mmap.PAGESIZE


@dataclass(frozen=True, slots=True)
class Handle:
    """Where a process finds another's memory: the owner's process and its descriptor."""

    process: int
    descriptor: int


class Memory:
    """Zeroed memory of ``size`` bytes, owned by the process that made it."""

    def __init__(self, size: int) -> None:
        self._descriptor = os.memfd_create("linkage-index", os.MFD_CLOEXEC)
        os.ftruncate(self._descriptor, size)
        self.bytes = _in_large_pages(mmap.mmap(self._descriptor, size))
        self.handle = Handle(os.getpid(), self._descriptor)

    def close(self) -> None:
        """Give up the descriptor: no one can map the memory from now on; those who have it keep it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _in_large_pages(memory: mmap.mmap) -> mmap.mmap:
    """Ask for pages of 2 MiB, which reading in order is faster with; given where the system is set to."""
    with suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def identity(handle: Handle) -> tuple[int, int]:
    """What tells a memory from any other that ever has its handle.

    Raises:
        IndexGone: as `mapped`.
    """
    try:
        status = os.stat(f"/proc/{handle.process}/fd/{handle.descriptor}")  # noqa: PTH116 - asked before every query, three times as fast
    except OSError as error:
        raise IndexGone from error
    return status.st_dev, status.st_ino


def mapped(handle: Handle) -> mmap.mmap:
    """Map memory of this or another process, to be read only.

    Raises:
        IndexGone: its owner ended, replaced it, or does not let this process see it.
    """
    try:
        with Path(f"/proc/{handle.process}/fd/{handle.descriptor}").open("rb") as file:
            return _in_large_pages(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    except (OSError, ValueError) as error:
        raise IndexGone from error
