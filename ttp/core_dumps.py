"""Core dumps: what a center's processes hold in memory goes to no disk when one of them dies."""

from __future__ import annotations

import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Let the kernel write no core file of this process and its children, from now on and for good (setrlimit(2))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def hide_memory() -> None:
    """Forbid dumps of every kind, and that other processes of this user read the memory; children hide their own.

    A pipe in ``core_pattern`` ignores the limit of core files; of a process that is not dumpable nothing is written
    into it either (prctl(2), PR_SET_DUMPABLE). For processes that serve: commands end soon.
    """
    forbid_core_dumps()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
