"""Summed scores: pairs whose views together reach a limit; exact, without scoring every pair.

A pair's score is the sum over its views of the weight of the level its similarity falls into. If
a pair stays below a cut in every view, its score is at most the sum of the largest weights below
those cuts. Where cuts are chosen so that this is less than the limit, every pair that reaches the
limit is at or above its cut in some view: joins at a threshold find all of them, and only what
they find is scored. Among such choices the one with the fewest pairs, judged on a sample, is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.kernel.engine import Engine
from linkage.kernel.execution import MAX_PAIRS, Cancel, Progress
from linkage.kernel.layout import Words
from linkage.kernel.limits import Measure, similarity
from linkage.kernel.pairs import PairTable
from linkage.kernel.search import pairs_above, self_pairs_above
from linkage.refusals import LevelsInvalid, LimitTooLow, TooManyPairs

_SAMPLE: Final = 500
_CHUNK: Final = 1 << 16
_MOST_CHOICES: Final = 100_000
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class View:
    """One filter per record, and what its similarity is worth.

    ``a``, ``b``: filters (rows, words) of the two sides; ``present_a``, ``present_b``: which
    records have this view, all where None. ``cuts`` rise within (0, 1]; ``weights`` has one number
    more: below the first cut, from each cut on. ``missing`` is the weight where either lacks it.

    Raises:
        LevelsInvalid: cuts that do not rise within (0, 1], or not one weight more than cuts.
    """

    a: Words
    b: Words
    cuts: tuple[float, ...]
    weights: tuple[float, ...]
    present_a: NDArray[np.bool_] | None = None
    present_b: NDArray[np.bool_] | None = None
    missing: float = 0.0
    measure: Measure = Measure.DICE
    absent: bool = field(init=False)

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip((0.0, *self.cuts), self.cuts, strict=False))
        if not self.cuts or not rising or self.cuts[-1] > 1.0:
            raise LevelsInvalid("the cuts must rise within (0, 1]")
        if len(self.weights) != len(self.cuts) + 1:
            raise LevelsInvalid("there must be one weight more than cuts")
        masks = self.present_a, self.present_b
        lacking = any(mask is not None and not mask.all() for mask in masks)
        object.__setattr__(self, "absent", lacking)

    def most_below(self, cut: int) -> float:
        """Largest weight of a pair below the cut of this number; of any pair after the last."""
        return max(*self.weights[: cut + 1], self.missing if self.absent else -np.inf)

    def score(self, rows_a: Rows, rows_b: Rows) -> NDArray[np.float64]:
        """Weight of each of the given pairs."""
        a, b = self.a[rows_a], self.b[rows_b]
        counts = [np.bitwise_count(side).sum(axis=1, dtype=np.int64) for side in (a, b)]
        common = np.bitwise_count(a & b).sum(axis=1, dtype=np.int64)
        alike = similarity(self.measure, common, counts[0], counts[1], bits=64 * a.shape[1])
        weights = np.array(self.weights)[np.searchsorted(self.cuts, alike, side="right")]
        for mask, rows in ((self.present_a, rows_a), (self.present_b, rows_b)):
            if mask is not None:
                weights = np.where(mask[rows], weights, self.missing)
        return np.asarray(weights, np.float64)


def summed_pairs(
    views: Sequence[View],
    limit: float,
    *,
    same: bool = False,
    engine: str | Engine = "auto",
    max_pairs: int = MAX_PAIRS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PairTable:
    """All pairs whose weights sum up to at least ``limit``, by (row_a, row_b); the score is the sum.

    ``same``: both sides of every view are one table, and pairs are reported once, row_a < row_b.
    Sums are taken in the order of the views. Progress is that of one join after the other.

    Raises:
        LimitTooLow: a pair alike in no view would reach the limit: nearly all pairs would.
        TooManyPairs: more than ``max_pairs``, or a join alone has more.
        FilterShapeInvalid: as `pairs_above`.
        Cancelled: ``cancel`` said so.
    """
    found: list[Rows] = [np.empty(0, np.int64)]
    width, name = 0, ""
    for view, cut in zip(views, _cuts(views, limit), strict=True):
        if cut == len(view.cuts):
            continue
        options = {"engine": engine, "max_pairs": max_pairs, "progress": progress}
        pairs = _join(view, view.cuts[cut], same=same, cancel=cancel, **options)
        found.append((pairs.rows_a.astype(np.int64) << 32) | pairs.rows_b)
        width, name = width + pairs.width, pairs.engine
    keys = np.unique(np.concatenate(found))
    rows_a, rows_b, scores = _scored(views, keys, limit)
    if len(scores) > max_pairs:
        raise TooManyPairs(max_pairs, limit)
    count_a, count_b = len(views[0].a), len(views[0].b)
    compared = count_a * (count_a - 1) // 2 if same else count_a * count_b
    return PairTable(rows_a, rows_b, scores, name, compared, width)


def _join(view: View, threshold: float, *, same: bool, **options: object) -> PairTable:
    """Pairs of one view; a record that lacks it has an empty filter, which is like none."""
    a = _blanked(view.a, view.present_a)
    shared = {"measure": view.measure, **options}
    if same:
        return self_pairs_above(a, threshold, **shared)  # type: ignore[arg-type]  # same options
    b = _blanked(view.b, view.present_b)
    return pairs_above(a, b, threshold, **shared)  # type: ignore[arg-type]  # same options


def _blanked(filters: Words, present: NDArray[np.bool_] | None) -> Words:
    return filters if present is None else filters * present[:, None].astype(np.uint64)


def _scored(
    views: Sequence[View], keys: Rows, limit: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    kept: list[Rows] = [np.empty(0, np.int64)]
    scores = [np.empty(0)]
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        rows = part >> 32, part & 0xFFFFFFFF
        total = np.zeros(len(part))
        for view in views:
            total += view.score(*rows)
        kept.append(part[total >= limit])
        scores.append(total[total >= limit])
    chosen = np.concatenate(kept)
    columns = (chosen >> 32).astype(np.int32), (chosen & 0xFFFFFFFF).astype(np.int32)
    return *columns, np.concatenate(scores)


def _cuts(views: Sequence[View], limit: float) -> tuple[int, ...]:
    """Number of the cut to join at for each view; the number of cuts where it is not joined."""
    shares = [_shares(view) for view in views]
    best: tuple[float, tuple[int, ...]] | None = None
    for choice in _choices(views):
        below = sum(view.most_below(cut) for view, cut in zip(views, choice, strict=True))
        if below < limit - 1e-9 * max(abs(limit), 1.0):
            expected = sum(share[cut] for share, cut in zip(shares, choice, strict=True))
            best = min(best or (np.inf, choice), (expected, choice))
    if best is None:
        raise LimitTooLow(limit)
    return best[1]


def _choices(views: Sequence[View]) -> Iterator[tuple[int, ...]]:
    """All combinations of cuts; of many views with many cuts, the first, the last or none of each."""
    ranges: list[Sequence[int]] = [range(len(view.cuts) + 1) for view in views]
    if np.prod([len(one) for one in ranges], dtype=float) > _MOST_CHOICES:
        ranges = [sorted({0, len(view.cuts) - 1, len(view.cuts)}) for view in views]
    return product(*ranges)


def _shares(view: View) -> list[float]:
    """Share of unrelated pairs at or above each cut, and what a join itself costs; 0 for none."""
    rows = [np.linspace(0, len(s) - 1, min(len(s), _SAMPLE)).astype(int) for s in (view.a, view.b)]
    pairs = np.repeat(rows[0], len(rows[1])), np.tile(rows[1], len(rows[0]))
    if not len(pairs[0]):
        return [0.0] * (len(view.cuts) + 1)
    levels = View(view.a, view.b, view.cuts, tuple(range(len(view.cuts) + 1)), measure=view.measure)
    level = levels.score(*pairs)
    scan = 1e-3 * view.a.shape[1] / 16
    return [float((level > cut).mean()) + scan for cut in range(len(view.cuts))] + [0.0]
