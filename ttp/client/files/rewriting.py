"""Rewriting: values are exchanged batch by batch; the new file is there in full or not at all.

Without a file for rejects a bad row refuses the whole file, and as far as that can be known without asking the
center, before anything is asked.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import BinaryIO

from ttp.client.errors import RowsRefused, TableRefused
from ttp.client.files.batches import (
    Answers,
    Exchange,
    Reject,
    answered,
    answers_to,
    rejects_text,
    written,
)
from ttp.client.files.cutting import ROWS
from ttp.client.files.resuming import (
    REJECTS_HEADER,
    REJECTS_WITH_VALUES_HEADER,
    Done,
    Parts,
    Rewriting,
)
from ttp.client.files.units import START, BadUnit, Batch, Format, Unit

MOST_NAMED = 10

Progress = Callable[[Done, int], None]
"""Is told what is done and the size of the source (0: nobody knows)."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file would ask, counted without asking: rows, values by domain, and the first bad rows."""

    rows: int
    values: dict[str, int]
    bad: tuple[tuple[int, str], ...]
    bad_count: int


def survey(source: Format, *, progress: Progress) -> Survey:
    """Read the whole file and ask nothing.

    Raises:
        TableRefused: the file cannot be worked on.
    """
    count = _Count()
    for batch in source.batches(START, ROWS):
        count.add(batch)
        end = batch[-1].end
        progress(Done(offset=end.offset, row=end.row, rows=count.rows), source.size)
    return Survey(count.rows, dict(count.values), tuple(count.bad), count.bad_count)


class _Count:
    """What is counted so far."""

    def __init__(self) -> None:
        self.rows = self.bad_count = 0
        self.values: Counter[str] = Counter()
        self.bad: list[tuple[int, str]] = []

    def add(self, batch: Batch) -> None:
        for item in batch:
            if isinstance(item, BadUnit):
                self.rows += 1
                self.bad_count += 1
                self.bad += [(item.end.row, item.code)] if len(self.bad) < MOST_NAMED else []
            elif isinstance(item, Unit):
                self.rows += item.counted
                self.values.update(asked.domain for asked in item.asked)
            else:
                self.rows += item.rows
                for domain, values in filter(itemgetter(1), item.asked):
                    self.values[domain] += len(values)


def rewrite(
    work: Rewriting,
    source: Format,
    exchange: Exchange,
    *,
    progress: Progress,
    rows: int = ROWS,
    at_once: int = 1,
) -> Done:
    """Write the target: the source with its values exchanged; the same call goes on after an interruption.

    Raises:
        TableRefused, RowsRefused: the source is bad; nothing is written. With ``rejects`` bad rows go there.
        ClientError and what ``exchange`` raises: the same call goes on from here.
    """
    parts = Parts(work)
    try:
        if not parts.resumed and work.rejects is None:
            _refuse_bad_rows(source, progress)
        ask = _asking(parts.run, exchange)
        read = source.batches(parts.done.place, rows)
        for batch, answers in answered(read, ask, at_once=at_once):
            now = written(batch, answers, parts.done)
            _refuse(work.rejects is None, now.rejects, "so nothing was written")
            told = rejects_text(now.rejects, values=work.reject_values) if work.rejects else b""
            progress(parts.add(now.text, told, now.done), source.size)
    except BaseException as error:
        if isinstance(error, TableRefused) or not parts.done.rows:
            parts.discard()
        parts.close()
        raise
    parts.finish(source)
    return parts.done


def pour(
    target: BinaryIO,
    source: Format,
    exchange: Exchange,
    *,
    rejects: BinaryIO | None = None,
    reject_values: bool = False,
    rows: int = ROWS,
    at_once: int = 1,
) -> Done:
    """Write into a pipe what ``rewrite`` writes into a file; nothing can be taken back or gone on with.

    Raises:
        TableRefused, RowsRefused: the source is bad; what stands before the bad batch is written.
    """
    ask, done = _asking(uuid.uuid4().hex, exchange), Done()
    if rejects:
        rejects.write(REJECTS_WITH_VALUES_HEADER if reject_values else REJECTS_HEADER)
    for batch, answers in answered(source.batches(START, rows), ask, at_once=at_once):
        now = written(batch, answers, done)
        _refuse(rejects is None, now.rejects, "so the output ends before them")
        target.write(now.text)
        target.flush()
        if rejects:
            rejects.write(rejects_text(now.rejects, values=reject_values))
        done = replace(now.done, written=done.written + len(now.text))
    return done


def _asking(run: str, exchange: Exchange) -> Callable[[Batch], Answers]:
    """How a batch is asked for, under a name that a run which goes on gives it again."""
    return lambda batch: answers_to(batch, exchange, f"{run}-{batch[0].end.offset}")


def _refuse_bad_rows(source: Format, progress: Progress) -> None:
    found = survey(source, progress=progress)
    if found.bad:
        raise RowsRefused(found.bad, found.bad_count, "so nothing was written")


def _refuse(strict: bool, rejects: Sequence[Reject], so: str) -> None:
    if strict and rejects:
        named = [(one.row, one.code) for one in rejects[:MOST_NAMED]]
        raise RowsRefused(named, len({one.row for one in rejects}), so)
