"""Monotone boosting: small trees whose score never falls when a column agrees better.

Second-order boosting of the logistic loss (Chen and Guestrin 2016) over levels of agreement; a split
that would reward less agreement is refused, and the midpoint of a split bounds all values below it
(as in LightGBM's basic method). Missing is no level: each split sends it where that helps. Nothing
is drawn at random, so the same comparisons give the same trees.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.fellegi_sunter import Levels

Values = NDArray[np.float64]

DEPTH: Final = 3
ROUNDS: Final = 120
RATE: Final = 0.15
_RIDGE: Final = 1.0
_LEAST: Final = 20.0
"""Fewest pairs on either side of a split."""
_LEAST_GAIN: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Tree:
    """A complete binary tree: ``value[node]`` in log odds, children of ``n`` are 2n+1 and 2n+2.

    Node ``n`` sends a pair to the right when the level of ``column[n]`` exceeds ``cut[n]``, and a
    missing one when ``missing_right[n]``; ``column[n]`` is -1 where nothing is split.
    """

    column: NDArray[np.int16]
    cut: NDArray[np.int8]
    missing_right: NDArray[np.bool_]
    value: Values

    def descend(self, levels: Levels, node: NDArray[np.int64]) -> NDArray[np.int64]:
        """The children in which pairs at ``node`` arrive; unsplit nodes pass on to the left."""
        column = self.column[node]
        level = levels[np.arange(len(levels)), np.maximum(column, 0)]
        right = np.where(level == 0, self.missing_right[node], level > self.cut[node])
        return np.asarray(2 * node + 1 + (right & (column >= 0)))


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trees with a common start; scores are in bits (log2 odds)."""

    start: float
    trees: tuple[Tree, ...]

    def score(self, levels: Levels) -> Values:
        """Score of each comparison in bits."""
        total = np.full(len(levels), self.start)
        for tree in self.trees:
            node = np.zeros(len(levels), dtype=np.int64)
            for _ in range(DEPTH):
                node = tree.descend(levels, node)
            total += tree.value[node]
        return np.asarray(total / np.log(2))

    def parts(self, levels: Levels) -> Values:
        """Summands (pairs, columns): what the splits on each column moved, in bits.

        Together with ``start`` in bits they add up to the score (path attribution, Saabas 2014).
        """
        moved = np.zeros(levels.shape)
        rows = np.arange(len(levels))
        for tree in self.trees:
            node = np.zeros(len(levels), dtype=np.int64)
            for _ in range(DEPTH):
                below = tree.descend(levels, node)
                moved[rows, np.maximum(tree.column[node], 0)] += (
                    tree.value[below] - tree.value[node]
                )
                node = below
        return np.asarray(moved / np.log(2))

    @property
    def base(self) -> float:
        """Bits a pair starts from before any column is looked at."""
        return float((self.start + sum(tree.value[0] for tree in self.trees)) / np.log(2))


def boost(
    levels: Levels,
    matching: Values,
    weight: Values,
    sizes: tuple[int, ...],
    *,
    rounds: int = ROUNDS,
) -> Boosted:
    """Fit trees to comparisons of which the share ``matching`` (0 to 1) is held to match.

    ``weight``: how many pairs each comparison stands for; ``sizes``: levels of each column besides
    missing. Equal comparisons are counted once.
    """
    patterns, place = np.unique(levels, axis=0, return_inverse=True)
    place = place.ravel()
    count = np.bincount(place, weight, len(patterns)).astype(np.float64)
    match = np.bincount(place, weight * matching, len(patterns))
    share = np.clip(match.sum() / max(count.sum(), 1e-9), 1e-6, 1 - 1e-6)
    start = float(np.log(share / (1 - share)))
    grower = _Grower(patterns, max(sizes, default=1))
    odds = np.full(len(patterns), start)
    trees = []
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-odds))
        tree, leaf = grower.grow(match - count * chance, count * chance * (1 - chance), count)
        if tree.column[0] < 0:
            break
        trees.append(tree)
        odds += tree.value[leaf]
    return Boosted(start, tuple(trees))


class _Grower:
    """Grows trees over one table of patterns; cells number (column, level) pairs."""

    def __init__(self, patterns: Levels, most: int) -> None:
        self._patterns = patterns
        self._width = most + 1
        columns = np.arange(patterns.shape[1], dtype=np.int64)
        self._cells = patterns.astype(np.int64) + columns * self._width

    def grow(self, slope: Values, curve: Values, count: Values) -> tuple[Tree, NDArray[np.int64]]:
        """One tree for first and second derivatives, and the leaf of every pattern."""
        nodes = 2 ** (DEPTH + 1) - 1
        tree = Tree(
            np.full(nodes, -1, np.int16),
            np.zeros(nodes, np.int8),
            np.zeros(nodes, np.bool_),
            np.zeros(nodes),
        )
        bounds = np.tile([-np.inf, np.inf], (nodes, 1))
        tree.value[0] = slope.sum() / (curve.sum() + _RIDGE)
        node = np.zeros(len(self._patterns), dtype=np.int64)
        for depth in range(DEPTH):
            first, many = 2**depth - 1, 2**depth
            sums = self._sums(node - first, many, (slope, curve, count))
            for at in range(many):
                _split(tree, bounds, first + at, sums[at])
            node = tree.descend(self._patterns, node)
        tree.value[:] *= RATE
        return tree, node

    def _sums(self, node: NDArray[np.int64], many: int, of: tuple[Values, ...]) -> Values:
        """Sums of derivatives and pairs (nodes, 3, columns, levels)."""
        columns = self._patterns.shape[1]
        size = columns * self._width
        cells = (self._cells + node[:, None] * size).ravel()
        made = [
            np.bincount(cells, np.repeat(values, columns), many * size).reshape(many, columns, -1)
            for values in of
        ]
        return np.stack(made, axis=1)


def _split(tree: Tree, bounds: Values, node: int, sums: Values) -> None:
    """Split one node where that gains most without rewarding less agreement."""
    left, right = 2 * node + 1, 2 * node + 2
    tree.value[left] = tree.value[right] = tree.value[node]
    bounds[left] = bounds[right] = bounds[node]
    known = np.cumsum(sums[:, :, 1:], axis=2)[:, :, :-1]
    missing = sums[:, :, :1]
    low = np.stack([known + missing, known])  # missing goes left, then right
    high = sums.sum(axis=2)[None, :, :, None] - low
    below, above = _best(low, bounds[node]), _best(high, bounds[node])
    allowed = (low[:, 2] >= _LEAST) & (high[:, 2] >= _LEAST) & (below <= above)
    gain = np.where(allowed, _gain(low, below) + _gain(high, above), -np.inf)
    if not gain.size:
        return
    side, column, cut = np.unravel_index(int(np.argmax(gain)), gain.shape)
    whole = sums[:, 0].sum(axis=1)
    if gain[side, column, cut] - _gain(whole[None], tree.value[node])[0] < _LEAST_GAIN:
        return
    tree.column[node], tree.cut[node] = column, cut + 1
    tree.missing_right[node] = bool(side)
    tree.value[left], tree.value[right] = below[side, column, cut], above[side, column, cut]
    bounds[left, 1] = bounds[right, 0] = (tree.value[left] + tree.value[right]) / 2


def _best(sums: Values, bounds: Values) -> Values:
    return np.clip(sums[:, 0] / (sums[:, 1] + _RIDGE), bounds[0], bounds[1])


def _gain(sums: Values, value: Values | float) -> Values:
    """Fall of the penalized loss, to second order, when a side takes ``value``."""
    return np.asarray(sums[:, 0] * value - 0.5 * (sums[:, 1] + _RIDGE) * value**2)
