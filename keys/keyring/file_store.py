"""A keyring in a file: for the processes of one host. It is replaced as a whole and locked by a file beside it."""

import fcntl
import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.durable import create_durably, replace_durably
from keys.errors import KeyringDamaged
from keys.keyring.store import Stored


class FileStore:
    """The file at one path; several hosts must not share it, for the lock reaches one host only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self, data: bytes) -> None:
        """Write a file that must not exist.

        Raises:
            FileExistsError: there is a file already; it is left as it was.
        """
        create_durably(self._path, data)

    def read(self) -> Stored:
        """Give the file as it is, with its modification time, inode and size for a stamp.

        Raises:
            KeyringDamaged: it cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                return Stored(stamp=_stamp(os.fstat(file.fileno())), data=file.read())
        except OSError as error:
            raise _unreadable(error) from None

    def stamp(self) -> Hashable:
        """Look whether the file was replaced, without reading it.

        Raises:
            KeyringDamaged: the file is gone.
        """
        try:
            return _stamp(self._path.stat())
        except OSError as error:
            raise _unreadable(error) from None

    def exchange(self, change: Callable[[Stored], bytes | None]) -> None:
        """Replace the file by what `change` makes of it, with every other writer of this host kept out."""
        with self._locked():
            following = change(self.read())
            if following is not None:
                replace_durably(self._path, following)

    def forget(self) -> None:
        """Do nothing: the former file is unlinked; when its blocks are used again is up to the disk."""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(f"{self._path.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _stamp(status: os.stat_result) -> Hashable:
    return status.st_mtime_ns, status.st_ino, status.st_size


def _unreadable(error: OSError) -> KeyringDamaged:
    return KeyringDamaged(f"the keyring cannot be read: {error.strerror}")
