"""Logistic scorer: every level of every column adds its own bits, fitted together.

Unlike Fellegi-Sunter, columns that say the same thing share its weight. Levels are coded as steps
(level reaches 2, 3, …), so that the ridge pulls neighboring levels together (Tutz and Gertheiss
2016); fitted by Newton's method over counted patterns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.fellegi_sunter import Levels

Values = NDArray[np.float64]

_RIDGE: Final = 1.0
_STEPS: Final = 25
_SETTLED: Final = 1e-6
_BLOCK: Final = 4096


@dataclass(frozen=True, slots=True)
class Logistic:
    """Bits by column and level (``tables[column][level]``, missing is 0) on top of ``base`` bits."""

    base: float
    tables: tuple[Values, ...]

    def score(self, levels: Levels) -> Values:
        """Score of each comparison in bits (log2 odds)."""
        return np.asarray(self.base + self.parts(levels).sum(axis=1))

    def parts(self, levels: Levels) -> Values:
        """Summands (pairs, columns) in bits."""
        columns = [table[levels[:, at]] for at, table in enumerate(self.tables)]
        return np.stack(columns, axis=1) if columns else np.zeros((len(levels), 0))


def fit_logistic(
    levels: Levels, matching: Values, weight: Values, sizes: tuple[int, ...]
) -> Logistic:
    """Fit to comparisons of which the share ``matching`` (0 to 1) is held to match.

    ``weight``: how many pairs each comparison stands for; ``sizes``: levels of each column besides
    missing.
    """
    patterns, place = np.unique(levels, axis=0, return_inverse=True)
    place = place.ravel()
    count = np.bincount(place, weight, len(patterns)).astype(np.float64)
    match = np.bincount(place, weight * matching, len(patterns)).astype(np.float64)
    beta = np.zeros(1 + sum(sizes))
    for _ in range(_STEPS):
        step = _newton(patterns, count, match, sizes, beta)
        beta += step
        if float(np.abs(step).max()) < _SETTLED:
            break
    bits = beta / np.log(2)
    ends = np.cumsum(sizes)
    tables = tuple(
        np.concatenate([[0.0], np.cumsum(bits[1 + end - size : 1 + end])])
        for size, end in zip(sizes, ends, strict=True)
    )
    return Logistic(float(bits[0]), tables)


def _newton(
    patterns: Levels, count: Values, match: Values, sizes: tuple[int, ...], beta: Values
) -> Values:
    """One step of Newton's method, no larger than 2 in any coefficient."""
    penalty = np.full(len(beta), _RIDGE)
    penalty[0] = 1e-6
    slope, curve = -penalty * beta, np.diag(penalty)
    for start in range(0, len(patterns), _BLOCK):
        rows = slice(start, start + _BLOCK)
        design = _design(patterns[rows], sizes)
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        slope += design.T @ (match[rows] - count[rows] * chance)
        bent = count[rows] * chance * (1 - chance)
        curve += (design * bent[:, None]).T @ design
    step = np.linalg.solve(curve, slope)
    return np.asarray(step / max(1.0, float(np.abs(step).max()) / 2))


def _design(patterns: Levels, sizes: tuple[int, ...]) -> Values:
    """Ones, then per column whether its level reaches 1, 2 and so on."""
    columns = [np.ones((len(patterns), 1))]
    for at, size in enumerate(sizes):
        columns.append((patterns[:, at, None] >= np.arange(1, size + 1)).astype(np.float64))
    return np.hstack(columns)
