"""Output: a file is either there in full or not at all; a run that fails leaves nothing behind.

New files are for their owner's eyes only, since most hold originals, pseudonyms or IDs of patients; who wants others to
read one makes it, or changes its mode, before or after. What a run reads it never writes over.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from keys.private_files import put_in_place


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary sibling to write to; it takes the place of ``path`` if nothing is raised.

    Raises:
        OSError: by the name of ``path``: no such folder, no room, or what stands there is no file.
    """
    _require_place(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        put_in_place(temporary, path)
    except OSError as error:
        if error.filename in {None, name}:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Let ``save`` write a file at ``path``, all or nothing."""
    with replacing(path) as temporary:
        save(temporary)


def write_all(folder: Path, files: Mapping[str, str] | Mapping[str, str | bytes]) -> None:
    """Write files of text or bytes into ``folder`` (made if need be); none takes its place before all are written."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            stack.enter_context(replacing(folder / name)).write_bytes(raw)


def require_targets(
    targets: Iterable[Path | None], *, read: Iterable[Path | None], made: Path | None = None
) -> None:
    """Refuse before hours of work files that could not be written after them, or must not be.

    ``made`` is a folder of some of them that is made if need be.

    Raises:
        click.UsageError: a target is one of the files that are read, or another target.
        OSError: as `replacing`.
    """
    if made is not None:
        _require_writable(next(path for path in (made, *made.absolute().parents) if path.exists()))
    taken = [path for path in read if path is not None]
    for target in targets:
        if target is None:
            continue
        if any(_one_file(target, path) for path in taken):
            raise click.UsageError(f"{target} is named twice: write to a file of its own.")
        if target.parent != made or made.exists():
            _require_place(target)
        taken.append(target)


def _one_file(first: Path, second: Path) -> bool:
    if first.exists() and second.exists():
        return first.samefile(second)
    return os.path.realpath(first) == os.path.realpath(second)


def _require_place(path: Path) -> None:
    """Devices, pipes and folders are never replaced by a file."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, "It is there and no file that could be replaced", str(path))
    _require_writable(path.parent)


def _require_writable(folder: Path) -> None:
    if not folder.is_dir():
        reason = errno.ENOTDIR if folder.exists() else errno.ENOENT
        raise OSError(reason, os.strerror(reason), str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "Nothing can be written here", str(folder))
