"""No core dumps: what a center's processes hold in memory goes to no disk when one of them dies."""

from __future__ import annotations

import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Forbid this process to be dumped, for good; processes it starts inherit the limit, not the flag.

    The limit of size zero holds for dumps into files (setrlimit(2)). A pipe in ``core_pattern`` ignores it, so the
    process is made undumpable as well (prctl(2), PR_SET_DUMPABLE), which also keeps other processes of the same
    user from reading its memory.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
