"""Cutting: how much of a file is worked on at once, so that memory stays flat at any size.

A batch is one request and one write to disk: large enough to be worth them, small enough to be held several times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ttp.client.files.units import BadUnit, Batch, Unit

ROWS: Final = 10_000
VALUES: Final = 20_000
BYTES: Final = 8 * 1024 * 1024


def cut(units: Iterable[Unit | BadUnit], offset: int, rows: int = ROWS) -> Iterator[Batch]:
    """Cut units that begin at this offset into batches of bounded rows, values and bytes."""
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
