"""Lines: read forward only, so that a pipe will do; what was read too much is given back."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO


class Lines:
    """The lines of a file from an offset on; ``offset`` is where the next one begins."""

    def __init__(self, file: BinaryIO, offset: int = 0) -> None:
        """Go to the offset; from 0 the file need not be seekable."""
        if offset:
            file.seek(offset)
        self._file = file
        self._back: list[bytes] = []
        self.offset = offset

    def next(self, most: int) -> bytes:
        """The next line with its end, or its first ``most`` bytes; empty at the end of the file."""
        line = self._back.pop() if self._back else self._file.readline(most)
        self.offset += len(line)
        return line

    def take(self, count: int, size: int, most: int) -> list[bytes]:
        """The next lines, each as ``next`` gives it: at most ``count``, and none after ``size`` bytes."""
        lines: list[bytes] = []
        read, back = self._file.readline, self._back
        before = size
        while len(lines) < count and size > 0 and (line := back.pop() if back else read(most)):
            lines.append(line)
            size -= len(line)
        self.offset += before - size
        return lines

    def give_back(self, lines: list[bytes]) -> None:
        """Let these lines come again, in this order."""
        self._back += reversed(lines)
        self.offset -= sum(map(len, lines))


def size_of(file: BinaryIO) -> int:
    """Bytes of a file; 0 for a pipe and what else has no size."""
    try:
        state = os.fstat(file.fileno())
    except OSError:
        return 0
    return state.st_size if stat.S_ISREG(state.st_mode) else 0
