"""Batches: units put together, asked for at once, and written in their order with what was answered."""

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
from ttp.client.files.units import BadUnit, Unfit, Unit

ROWS = 5_000
VALUES = 20_000
BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The new value of an old one, and whether it was made for this call."""

    value: str
    created: bool = False


Exchange = Callable[[str, Sequence[str], str], Sequence[Exchanged | Failed]]
"""Gives the new values of different values of one domain, in order; the last word names the call, so that a
repeated one is answered as before."""

Answers = Mapping[tuple[str, str], Exchanged | Failed]
Batch = Sequence[Unit | BadUnit]


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


def batches(units: Iterable[Unit | BadUnit], offset: int, rows: int = ROWS) -> Iterator[Batch]:
    """Cut units into batches of bounded rows, values and bytes; a run that goes on cuts as the first one did."""
    batch: list[Unit | BadUnit] = []
    counted = values = 0
    for unit in units:
        batch.append(unit)
        counted += unit.counted if isinstance(unit, Unit) else 1
        values += len(unit.asked) if isinstance(unit, Unit) else 0
        if counted >= rows or values >= VALUES or unit.end.offset - offset >= BYTES:
            yield batch
            batch, counted, values, offset = [], 0, 0, unit.end.offset
    if batch:
        yield batch


def answers_to(batch: Batch, exchange: Exchange, name: str) -> Answers:
    """What a batch asks, answered; every value is asked once. ``name`` names the batch."""
    wanted: dict[str, dict[str, None]] = {}
    for unit in batch:
        for asked in unit.asked if isinstance(unit, Unit) else ():
            wanted.setdefault(asked.domain, {})[asked.value] = None
    found: dict[tuple[str, str], Exchanged | Failed] = {}
    for number, domain in enumerate(sorted(wanted)):
        values = list(wanted[domain])
        told = exchange(domain, values, f"{name}-{number}")
        found.update(zip(((domain, value) for value in values), told, strict=True))
    return found


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
    text: list[bytes] = []
    rejects: list[Reject] = []
    rows = rejected = exchanged = created = empty = 0
    for unit in batch:
        bad, whole = _judged(unit, answers)
        counted = not isinstance(unit, Unit) or unit.counted
        rows += counted
        if bad:
            rejects += bad
            _require_item(unit, bad)
            rejected += 1
        elif isinstance(unit, Unit):
            kept_before = done.kept + rows - rejected > counted
            text += [unit.lead, whole] if kept_before and unit.lead else [whole]
            exchanged += len(unit.asked)
            created += _made(unit, answers)
            empty += counted and not unit.asked
    now = replace(
        done,
        offset=batch[-1].end.offset,
        row=batch[-1].end.row,
        rows=done.rows + rows,
        kept=done.kept + rows - rejected,
        exchanged=done.exchanged + exchanged,
        created=done.created + created,
        empty=done.empty + empty,
        rejected=done.rejected + rejected,
    )
    return Written(b"".join(text), tuple(rejects), now)


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
    new: list[str] = []
    bad: list[Reject] = []
    for asked in unit.asked:
        told = answers[asked.domain, asked.value]
        if isinstance(told, Failed):
            bad.append(Reject(row, asked.column, told.code, asked.value))
        else:
            new.append(told.value)
    if bad:
        return bad, b""
    try:
        return [], unit.written(new)
    except Unfit as unfit:
        return [Reject(row, unit.asked[0].column, unfit.code)], b""


def _require_item(unit: Unit | BadUnit, bad: Sequence[Reject]) -> None:
    if isinstance(unit, Unit) and not unit.counted:
        raise TableRefused(f"The frame of the file cannot be written ({bad[0].code}).")


def _made(unit: Unit, answers: Answers) -> int:
    """How many of a unit's values were made for this call."""
    made = 0
    for asked in unit.asked:
        told = answers[asked.domain, asked.value]
        made += isinstance(told, Exchanged) and told.created
    return made
