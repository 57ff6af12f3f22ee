"""Output: a file is either there in full or not at all; a run that fails leaves nothing behind.

New files are for their owner's eyes only, since most hold originals, pseudonyms or IDs of patients; who wants others to
read one makes it, or changes its mode, before or after.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from keys.private_files import put_in_place


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary sibling to write to; it takes the place of ``path`` if nothing is raised."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        put_in_place(temporary, path)
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
