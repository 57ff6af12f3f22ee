"""Transport: soft one-to-one assignments and the rotation that follows from one.

Sinkhorn iteration for entropic transport between two equal masses (Cuturi 2013); orthogonal
Procrustes (Schönemann 1966). Matrices are (a, b), float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.attack.columns import Matrix

_TINY = np.float32(1e-30)


def sinkhorn(score: Matrix, reg: float, *, rounds: int = 15) -> Matrix:
    """Transport plan (a, b) with rows adding up to 1; higher scores get more. Overwrites ``score``."""
    plan = score
    plan -= plan.max(axis=1, keepdims=True)
    plan *= np.float32(1.0 / reg)
    np.exp(plan, out=plan)
    rows = np.ones(plan.shape[0], dtype=np.float32)
    share = np.float32(plan.shape[0] / plan.shape[1])
    columns = np.ones(plan.shape[1], dtype=np.float32)
    for _ in range(rounds):
        columns = share / np.maximum(rows @ plan, _TINY)
        rows = 1.0 / np.maximum(plan @ columns, _TINY)
    plan *= rows[:, None]
    plan *= columns
    return plan


def rotation(a: Matrix, b: Matrix) -> Matrix:
    """The orthogonal matrix R (d, d) for which a @ R comes closest to b, row by row."""
    left, _, right = np.linalg.svd(a.T @ b)
    return np.asarray(left @ right, dtype=np.float32)


def unit(rows: Matrix) -> Matrix:
    """Rows scaled to length 1; a zero row stays zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, _TINY), dtype=np.float32)


def cosine(a: Matrix, b: Matrix) -> Matrix:
    """Cosine of every row of one with every row of the other (a, b)."""
    return unit(a) @ unit(b).T


def without_hubs(score: Matrix, *, nearest: int = 5) -> Matrix:
    """Score less the mean of the nearest on both sides: what is close to all is close to nobody.

    Twice the score minus both means (cross-domain local scaling; Conneau and others 2018).
    """
    rows = _top_mean(score, nearest)
    columns = _top_mean(np.ascontiguousarray(score.T), nearest)
    found = 2 * score
    found -= rows[:, None]
    found -= columns
    return found


def mutual(score: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp], Matrix]:
    """Pairs that are each other's best: rows, columns, margin of the pair's score over the rest."""
    best_column = score.argmax(axis=1)
    best_row = score.argmax(axis=0)
    rows = np.flatnonzero(best_row[best_column] == np.arange(len(score)))
    columns = best_column[rows]
    return rows, columns, np.asarray(score[rows, columns], dtype=np.float32)


def _top_mean(score: Matrix, nearest: int) -> Matrix:
    least = score.shape[1] - nearest
    found = np.empty(len(score), dtype=np.float32)
    for start in range(0, len(score), 512):
        part = slice(start, start + 512)
        found[part] = np.partition(score[part], least, axis=1)[:, least:].mean(axis=1)
    return found
