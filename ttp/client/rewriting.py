"""Rewriting a table: one column is exchanged batch by batch; the new file is there in full or not at all.

What is done so far lies in ``OUT.part`` and is described by ``OUT.resume``: the same call goes on from
there after an interruption, as long as the file read is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ttp.client.answers import Failed
from ttp.client.errors import RowsRefused, TableRefused
from ttp.client.table import BadRow, Place, Record, Table


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The new value of a cell, and whether it was made for this call."""

    value: str
    created: bool = False


Exchange = Callable[[Sequence[str]], Sequence[Exchanged | Failed]]
"""Gives each value's new value, in order."""

BATCH = 5_000
MOST_NAMED = 10
REJECTS_HEADER = b"row,column,code\n"


@dataclass(frozen=True, slots=True)
class Done:
    """How far the work is: where reading goes on, what is written, and the counts of rows."""

    offset: int
    row: int
    written: int = 0
    rejects_written: int = 0
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
    """A file to read, the column to exchange, files to write; ``purpose`` tells one kind of work from another."""

    source: Path
    target: Path
    column: str
    purpose: str
    rejects: Path | None = None

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


def rewrite_column(
    work: Rewriting,
    exchange: Exchange,
    *,
    progress: Callable[[Done, int], None],
    batch: int = BATCH,
) -> Done:
    """Write the target: the source with every value of the column exchanged; empty cells stay empty.

    ``progress`` is told what is done and the size of the source in bytes.

    Raises:
        TableRefused, RowsRefused: the source is bad; nothing is written. With ``rejects`` bad rows go there.
        ClientError and what ``exchange`` raises: the same call goes on from here.
    """
    try:
        with work.source.open("rb") as source:
            done = _rewrite(work, source, exchange, progress, batch)
    except BaseException as error:
        if isinstance(error, TableRefused) or not work.resume.exists():
            _discard(work)
        raise
    _finish(work)
    return done


def _rewrite(
    work: Rewriting,
    source: BinaryIO,
    exchange: Exchange,
    progress: Callable[[Done, int], None],
    batch: int,
) -> Done:
    table = Table(source, work.column)
    size = os.fstat(source.fileno()).st_size
    done = _resumed(work)
    if done is None:
        if work.rejects is None:
            _refuse_bad_rows(table)
        done = _begin(work, table)
    with work.part.open("r+b") as target:
        target.seek(done.written)
        target.truncate()
        for records in _batches(table.records(done.place), batch):
            done = _one_batch(work, target, records, exchange, done)
            progress(done, size)
    return done


def _refuse_bad_rows(table: Table) -> None:
    bad = [
        (read.end.row, read.code) for read in table.records(table.start) if isinstance(read, BadRow)
    ]
    if bad:
        raise RowsRefused(bad[:MOST_NAMED], len(bad))


def _begin(work: Rewriting, table: Table) -> Done:
    """The start: the header and nothing else written."""
    with work.part.open("wb") as target:
        target.write(table.header)
    if work.rejects_part:
        work.rejects_part.write_bytes(REJECTS_HEADER)
    written = len(table.header)
    return Done(table.start.offset, table.start.row, written, len(REJECTS_HEADER))


def _one_batch(
    work: Rewriting,
    target: BinaryIO,
    records: Sequence[Record | BadRow],
    exchange: Exchange,
    done: Done,
) -> Done:
    values = [read.value for read in records if isinstance(read, Record) and read.value]
    answers = iter(exchange(values) if values else ())
    lines: list[bytes] = []
    bad: list[tuple[int, str]] = []
    created = empty = 0
    for read in records:
        answer = next(answers) if isinstance(read, Record) and read.value else None
        if isinstance(read, BadRow):
            bad.append((read.end.row, read.code))
        elif isinstance(answer, Failed):
            bad.append((read.end.row, answer.code))
        elif answer is None:
            empty += 1
            lines.append(read.unchanged())
        else:
            created += answer.created
            lines.append(read.with_value(answer.value))
    if bad and work.rejects is None:
        raise RowsRefused(bad[:MOST_NAMED], len(bad))
    end = records[-1].end
    now = replace(
        done,
        offset=end.offset,
        row=end.row,
        exchanged=done.exchanged + len(lines) - empty,
        created=done.created + created,
        empty=done.empty + empty,
        rejected=done.rejected + len(bad),
    )
    return _written(work, target, lines, bad, now)


def _written(
    work: Rewriting, target: BinaryIO, lines: list[bytes], bad: list[tuple[int, str]], done: Done
) -> Done:
    text = b"".join(lines)
    target.write(text)
    target.flush()
    column = '"' + work.column.replace('"', '""') + '"'
    told = "".join(f"{row},{column},{code}\n" for row, code in bad).encode()
    if work.rejects_part:
        with work.rejects_part.open("r+b") as rejects:
            rejects.seek(done.rejects_written)
            rejects.write(told)
            rejects.truncate()
    now = replace(
        done,
        written=done.written + len(text),
        rejects_written=done.rejects_written + len(told),
    )
    _remember(work, now)
    return now


def _remember(work: Rewriting, done: Done) -> None:
    temporary = work.resume.with_name(f"{work.resume.name}.new")
    temporary.write_bytes(orjson.dumps({"of": _fingerprint(work), "done": asdict(done)}))
    temporary.replace(work.resume)


def _resumed(work: Rewriting) -> Done | None:
    try:
        known = orjson.loads(work.resume.read_bytes())
        done = Done(**known["done"])
        short = work.part.stat().st_size < done.written
        short = short or (work.rejects_part is not None and not work.rejects_part.exists())
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return None if short or known["of"] != _fingerprint(work) else done


def _fingerprint(work: Rewriting) -> dict[str, Any]:
    """What has to be the same for going on: the file read, by size and time, and what is done with it."""
    state = work.source.stat()
    return {
        "source": str(work.source.resolve()),
        "size": state.st_size,
        "changed": state.st_mtime_ns,
        "column": work.column,
        "purpose": work.purpose,
        "rejects": str(work.rejects.resolve()) if work.rejects else "",
    }


def _finish(work: Rewriting) -> None:
    for part, whole in ((work.rejects_part, work.rejects), (work.part, work.target)):
        if part and whole:
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(whole)
    work.resume.unlink(missing_ok=True)


def _discard(work: Rewriting) -> None:
    for path in (work.part, work.rejects_part, work.resume):
        if path:
            path.unlink(missing_ok=True)


def _batches(records: Iterator[Record | BadRow], size: int) -> Iterator[Sequence[Record | BadRow]]:
    while part := list(islice(records, size)):
        yield part
