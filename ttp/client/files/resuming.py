"""Resuming: what is done lies in ``OUT.part`` and is described by ``OUT.resume``, so that the same call goes on there.

After the end of power or process the part is cut to the last whole batch; a batch that was asked for and not
written is asked for again under the same key, so nothing is done twice.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from keys.digests import sha256
from keys.private_files import make_private, put_in_place
from ttp.client.files.units import Format, Place

CUT = 2
"""Way of cutting a file into batches; work that was begun under another one is begun anew."""

LOOKED_AT = 1024 * 1024
REJECTS_HEADER = b"row,column,code\n"
REJECTS_WITH_VALUES_HEADER = b"row,column,code,value\n"


@dataclass(frozen=True, slots=True)
class Done:
    """How far the work is: where reading goes on, what is written, and the counts."""

    offset: int = 0
    row: int = 0
    written: int = 0
    rejects_written: int = 0
    rows: int = 0
    kept: int = 0
    exchanged: int = 0
    created: int = 0
    empty: int = 0
    rejected: int = 0

    @property
    def place(self) -> Place:
        """Where reading goes on."""
        return Place(self.offset, self.row)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A file to read and files to write; ``purpose`` tells one kind of work from another."""

    source: Path
    target: Path
    purpose: str
    rejects: Path | None = None
    reject_values: bool = False

    @property
    def part(self) -> Path:
        """What is written so far."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def rejects_part(self) -> Path | None:
        """The bad rows so far."""
        return self.rejects.with_name(f"{self.rejects.name}.part") if self.rejects else None

    @property
    def resume(self) -> Path:
        """How far the work is."""
        return self.target.with_name(f"{self.target.name}.resume")


class Parts:
    """The files of a piece of work that is under way."""

    def __init__(self, work: Rewriting) -> None:
        """Go on where the same work was interrupted, or begin."""
        self._work = work
        self._of = _fingerprint(work)
        known = self._known()
        self.run, self.done = known or (uuid.uuid4().hex, Done())
        self.resumed = known is not None
        if known is None:
            self._begin()
        self._part = self._opened(work.part, self.done.written)
        self._rejects = self._opened(work.rejects_part, self.done.rejects_written)

    def add(self, text: bytes, rejects: bytes, done: Done) -> Done:
        """Write a batch and remember it; gives what is done now."""
        _append(self._part, text)
        _append(self._rejects, rejects)
        self.done = replace(
            done,
            written=done.written + len(text),
            rejects_written=done.rejects_written + len(rejects),
        )
        self._remember()
        return self.done

    def finish(self, format: Format) -> None:  # noqa: A002 - the word for it
        """Put the new files in their places."""
        self.close()
        work = self._work
        if work.rejects and work.rejects_part:
            put_in_place(work.rejects_part, work.rejects)
        format.assemble(work.part, work.target)
        work.part.unlink(missing_ok=True)
        work.resume.unlink(missing_ok=True)

    def discard(self) -> None:
        """Leave nothing behind."""
        self.close()
        for path in (self._work.part, self._work.rejects_part, self._work.resume):
            if path:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files; what is remembered stays."""
        for file in (self._part, self._rejects):
            if file:
                file.close()

    def _begin(self) -> None:
        make_private(self._work.part).write_bytes(b"")
        if self._work.rejects_part:
            header = REJECTS_WITH_VALUES_HEADER if self._work.reject_values else REJECTS_HEADER
            make_private(self._work.rejects_part).write_bytes(header)
            self.done = replace(self.done, rejects_written=len(header))
        self._remember()

    def _opened(self, path: Path | None, size: int) -> BinaryIO | None:
        if path is None:
            return None
        file = path.open("r+b")
        file.truncate(size)
        file.seek(size)
        return file

    def _remember(self) -> None:
        temporary = self._work.resume.with_name(f"{self._work.resume.name}.new")
        known = {"of": self._of, "run": self.run, "done": asdict(self.done)}
        make_private(temporary).write_bytes(orjson.dumps(known))
        temporary.replace(self._work.resume)

    def _known(self) -> tuple[str, Done] | None:
        work = self._work
        try:
            known = orjson.loads(work.resume.read_bytes())
            run, done = str(known["run"]), Done(**known["done"])
            short = work.part.stat().st_size < done.written
            if work.rejects_part:
                short = short or work.rejects_part.stat().st_size < done.rejects_written
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return None if short or known["of"] != self._of else (run, done)


def _append(file: BinaryIO | None, text: bytes) -> None:
    """Write so that it is there before anybody remembers it."""
    if file and text:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _fingerprint(work: Rewriting) -> dict[str, Any]:
    """What has to be the same for going on: the file read, by size, time and beginning, and what is done with it."""
    state = work.source.stat()
    with work.source.open("rb") as file:
        beginning = sha256(file.read(LOOKED_AT))
    return {
        "cut": CUT,
        "source": str(work.source.resolve()),
        "size": state.st_size,
        "changed": state.st_mtime_ns,
        "beginning": beginning.hex(),
        "purpose": work.purpose,
        "rejects": str(work.rejects.resolve()) if work.rejects else "",
    }
