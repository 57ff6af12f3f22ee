"""Batches: asked for at once, and written in their order with what was answered.

A block of good rows is written as a whole; only rows whose values were refused are looked at one by one.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from ttp.client.answers import Failed
from ttp.client.errors import TableRefused
from ttp.client.files.resuming import Done
from ttp.client.files.units import BadUnit, Batch, Block, Unfit, Unit


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The new value of an old one, and whether it was made for this call."""

    value: str
    created: bool = False


Exchange = Callable[[str, Sequence[str], str], Sequence[Exchanged | Failed]]
"""Gives the new values of different values of one domain, in order; the last word names the call, so that a
repeated one is answered as before."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was told about old values, by domain: the new ones, those of them made for this call, and refusals."""

    new: Mapping[str, Mapping[str, str]]
    created: Mapping[str, frozenset[str]]
    failed: Mapping[str, Mapping[str, Failed]]


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a unit is left out: its number, the place in it, the code, and the value if it is known."""

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A batch as it is written, and what is done after it."""

    text: bytes
    rejects: tuple[Reject, ...]
    done: Done


def answers_to(batch: Batch, exchange: Exchange, name: str) -> Answers:
    """What a batch asks, answered; every value is asked once. ``name`` names the batch."""
    wanted: dict[str, dict[str, None]] = {}
    for item in batch:
        if isinstance(item, Unit):
            for asked in item.asked:
                wanted.setdefault(asked.domain, {})[asked.value] = None
        elif not isinstance(item, BadUnit):
            for domain, values in item.asked:
                wanted.setdefault(domain, {}).update(dict.fromkeys(values))
    told = {}
    for number, domain in enumerate(sorted(domain for domain in wanted if wanted[domain])):
        values = list(wanted[domain])
        told[domain] = list(zip(values, exchange(domain, values, f"{name}-{number}"), strict=True))
    return _sorted(told)


def _sorted(told: Mapping[str, Sequence[tuple[str, Exchanged | Failed]]]) -> Answers:
    new, created, failed = {}, {}, {}
    for domain, pairs in told.items():
        good = [(old, one) for old, one in pairs if isinstance(one, Exchanged)]
        new[domain] = {old: one.value for old, one in good}
        created[domain] = frozenset(old for old, one in good if one.created)
        failed[domain] = {old: one for old, one in pairs if isinstance(one, Failed)}
    return Answers(new, created, failed)


def answered(
    parts: Iterable[Batch], ask: Callable[[Batch], Answers], *, at_once: int
) -> Iterator[tuple[Batch, Answers]]:
    """Batches with their answers, in order; up to ``at_once`` are asked for at the same time."""
    if at_once <= 1:
        for batch in parts:
            yield batch, ask(batch)
        return
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="ttp-exchange")
    waiting: deque[tuple[Batch, Future[Answers]]] = deque()
    try:
        for batch in parts:
            waiting.append((batch, pool.submit(ask, batch)))
            if len(waiting) >= at_once:
                first, told = waiting.popleft()
                yield first, told.result()
        while waiting:
            first, told = waiting.popleft()
            yield first, told.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def written(batch: Batch, answers: Answers, done: Done) -> Written:
    """The bytes of a batch with its answers.

    Raises:
        TableRefused: what cannot be left out (the frame of a file) is bad.
    """
    work = _Writing(answers, done.kept)
    for item in batch:
        if isinstance(item, Unit | BadUnit):
            work.unit(item)
        else:
            work.block(item)
    now = replace(
        done,
        offset=batch[-1].end.offset,
        row=batch[-1].end.row,
        rows=done.rows + work.rows,
        kept=work.kept,
        exchanged=done.exchanged + work.exchanged,
        created=done.created + work.created,
        empty=done.empty + work.empty,
        rejected=done.rejected + work.rejected,
    )
    return Written(b"".join(work.text), tuple(work.rejects), now)


class _Writing:
    """A batch on its way: text, rejects and counts so far; ``kept`` counts what stands before it too."""

    def __init__(self, answers: Answers, kept: int) -> None:
        self._answers = answers
        self.text: list[bytes] = []
        self.rejects: list[Reject] = []
        self.rows = self.exchanged = self.created = self.empty = self.rejected = 0
        self.kept = kept

    def unit(self, unit: Unit | BadUnit) -> None:
        """Add a unit, or why it is left out."""
        bad, whole = _judged(unit, self._answers)
        counted = not isinstance(unit, Unit) or unit.counted
        self.rows += counted
        if bad:
            self.rejects += bad
            _require_item(unit, bad)
            self.rejected += 1
        elif isinstance(unit, Unit):
            self.text += [unit.lead, whole] if self.kept and unit.lead else [whole]
            self.kept += counted
            self.exchanged += len(unit.asked)
            self.created += _made(unit, self._answers)
            self.empty += counted and not unit.asked

    def block(self, block: Block) -> None:
        """Add all units of a block at once, those with refused values excepted."""
        answers = self._answers
        bad = block.asking(answers.failed) if any(answers.failed.values()) else []
        try:
            text = block.written(answers.new, frozenset(bad))
        except Unfit:
            for number in range(block.rows):
                self.unit(block.unit(number))
            return
        for unit in map(block.unit, bad):
            self.unit(unit)
            self.exchanged -= len(unit.asked)
            self.created -= _made(unit, answers)
            self.rows -= 1
        self.text.append(text)
        self.rows += block.rows
        self.kept += block.rows - len(bad)
        self.empty += block.empty
        for domain, values in block.asked:
            self.exchanged += len(values)
            created = answers.created[domain] if values else ()
            self.created += sum(map(created.__contains__, values)) if created else 0


def rejects_text(rejects: Iterable[Reject], *, values: bool) -> bytes:
    """Lines of the file of rejects: row, column (quoted), code, and the value only when asked for."""
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\n")
    for one in rejects:
        column = '"' + one.column.replace('"', '""') + '"'
        told.write(f"{one.row},{column},{one.code}")
        if values:
            told.write(",")
            writer.writerow([one.value])
        else:
            told.write("\n")
    return told.getvalue().encode()


def _judged(unit: Unit | BadUnit, answers: Answers) -> tuple[list[Reject], bytes]:
    """Why a unit is left out, or its bytes."""
    row = unit.end.row
    if isinstance(unit, BadUnit):
        return [Reject(row, unit.column, unit.code)], b""
    bad = [
        Reject(row, asked.column, answers.failed[asked.domain][asked.value].code, asked.value)
        for asked in unit.asked
        if asked.value in answers.failed[asked.domain]
    ]
    if bad:
        return bad, b""
    try:
        return [], unit.written([answers.new[asked.domain][asked.value] for asked in unit.asked])
    except Unfit as unfit:
        return [Reject(row, unit.asked[0].column, unfit.code)], b""


def _require_item(unit: Unit | BadUnit, bad: Sequence[Reject]) -> None:
    if isinstance(unit, Unit) and not unit.counted:
        raise TableRefused(f"The frame of the file cannot be written ({bad[0].code}).")


def _made(unit: Unit, answers: Answers) -> int:
    """How many of a unit's values were made for this call."""
    return sum(asked.value in answers.created[asked.domain] for asked in unit.asked)
