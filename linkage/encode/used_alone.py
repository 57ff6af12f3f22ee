"""Used alone: while one run reads a memory of used tokens, encodes and writes it, no other run does.

The lock is the kernel's (`flock`), on a file beside the memory: it ends with the process that holds it,
however that ends, and the file goes with it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 3.0
"""Seconds to wait for another run, by default."""
_PAUSE = 0.05


@contextmanager
def used_alone(memory: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Have the file of used tokens for oneself, from before it is read until it is written.

    Raises:
        BlockingIOError: another run still had it after `patience` seconds.
    """
    lock = Path(os.path.realpath(memory) + ".lock")
    descriptor = _locked(lock, until=time.monotonic() + patience)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(lock: Path, *, until: float) -> int:
    """A descriptor that holds the lock."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _stands(lock, descriptor):
                return descriptor
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(descriptor)
                raise
            time.sleep(_PAUSE)
        os.close(descriptor)


def _stands(lock: Path, descriptor: int) -> bool:
    """Whether the name still means the locked file: who held it before has taken it away."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
