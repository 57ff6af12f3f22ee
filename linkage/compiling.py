"""Compiling: functions become machine code, kept on disk until a source of their package changes.

Numba itself looks at the one file a function stands in. What it generates also comes from functions and instructions
of the files beside it, so theirs count, too: code of an older layout would read newer rows and find too little.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call, without the interpreter's lock.

    The code is kept beside the source or in the user's cache; NUMBA_CACHE_DIR moves it. It is
    compiled in every process anew where no directory can be written.
    """
    try:
        kept: Any = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return _forgotten(function)
    index = kept._cache._cache_file  # noqa: SLF001 - numba has no other way to name what code depends on
    index._source_stamp = index._source_stamp, sources(Path(function.__code__.co_filename).parent)  # noqa: SLF001
    result: Callable[..., Any] = kept
    return result


def sources(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time of change in nanoseconds and size in bytes of the sources of a package."""
    files = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return tuple((name, found.st_mtime_ns, found.st_size) for name, found in files)


def _forgotten(function: Callable[..., Any]) -> Callable[..., Any]:
    result: Callable[..., Any] = numba.njit(nogil=True)(function)
    return result
