"""Ranking: of every record the few most similar ones, without listing all that are similar at all."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.kernel.engine import Engine
from linkage.kernel.execution import Cancel
from linkage.kernel.layout import Words
from linkage.kernel.limits import Measure
from linkage.kernel.pairs import PairTable
from linkage.kernel.search import pairs_above

_STEP: Final = 0.05
_CHUNK: Final = 5000


def best_per_row(
    a: Words,
    b: Words,
    most: int,
    *,
    floor: float,
    measure: Measure = Measure.DICE,
    engine: str | Engine = "auto",
    cancel: Cancel | None = None,
) -> PairTable:
    """Of every row of ``a`` the up to ``most`` most similar rows of ``b`` at or above ``floor``.

    Sorted by row of ``a``, then falling score, then row of ``b``; exact. A row that has enough at
    a high threshold is not compared at a lower one; the others are, a few thousand at a time.

    Raises: as `pairs_above`.
    """
    parts: list[PairTable] = []
    waiting = np.arange(len(a))
    for threshold in _thresholds(floor):
        unfinished = []
        for start in range(0, len(waiting), _CHUNK):
            rows = waiting[start : start + _CHUNK]
            found = pairs_above(
                a[rows], b, threshold, measure=measure, engine=engine, cancel=cancel
            ).best(most)
            enough = np.bincount(found.rows_a, minlength=len(rows)) >= most
            enough |= threshold == floor
            unfinished.append(rows[~enough])
            parts.append(_renumbered(found.select(enough[found.rows_a]), rows))
        waiting = np.concatenate([np.empty(0, np.int64), *unfinished])
    return _joined(parts, len(a) * len(b)).best(most)


def _thresholds(floor: float) -> list[float]:
    """From 0.9 down to the floor, which is the last."""
    above = np.arange(0.9, floor, -_STEP)
    return [*above[above > floor].tolist(), floor]


def _renumbered(found: PairTable, rows: NDArray[np.int64]) -> PairTable:
    columns = rows[found.rows_a].astype(np.int32), found.rows_b, found.score
    return PairTable(*columns, found.engine, found.compared, found.width)


def _joined(parts: list[PairTable], compared: int) -> PairTable:
    rows_a = np.concatenate([np.empty(0, np.int32), *(part.rows_a for part in parts)])
    rows_b = np.concatenate([np.empty(0, np.int32), *(part.rows_b for part in parts)])
    score = np.concatenate([np.empty(0, np.float64), *(part.score for part in parts)])
    engine = parts[0].engine if parts else ""
    width = max((part.width for part in parts), default=0)
    return PairTable(rows_a, rows_b, score, engine, compared, width)
