"""Durable files: a reader sees the old content or the new one, also after a power cut."""

import os
import tempfile
from pathlib import Path

_PRIVATE = 0o600


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a file's content as a whole, readable by its owner only.

    Written beside the target, flushed, renamed over it, then the folder is flushed: a
    crash at any point leaves one complete version, and once this returns it is the new one.

    Raises:
        OSError: the old content still stands, unless only flushing the folder failed.
    """
    temporary = _write_beside(path, content)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def create_durably(path: Path, content: bytes) -> None:
    """Create a file that must not exist yet, readable by its owner only, and flush it.

    Raises:
        FileExistsError: the file exists; it is left as it was.
    """
    temporary = _write_beside(path, content)
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _write_beside(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), _PRIVATE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
