"""Estimate: precision, recall and F1 with 95 % intervals from a few labels per stratum.

The number of mistakes in each stratum (false links, or matches missed) is drawn again and again from
what its labels allow: once pessimistically and once optimistically, by the two Beta distributions
behind the bounds of Clopper and Pearson (1934), and only for the pairs not yet seen. Each draw gives
one precision, recall and F1; intervals reach from the 2.5 % quantile of the pessimistic draws to the
97.5 % quantile of the optimistic ones. Farther from the threshold mistakes are no more frequent, so
a stratum may borrow the labels of those between it and the threshold where that says more.
Simulations show that the intervals cover the truth (`docs/linkage-quality.md`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.quality.sampling import Stratum, labeled

DRAWS: Final = 4000
_TAILS: Final = (0.025, 0.975)
Drawn = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Estimated quality of a linkage, and how many labels of the strata it rests on.

    Recall counts matches among the candidates reviewed; matches that never became candidates, or lie
    below the lowest stratum, are not seen. Where no rejected pair is known, nothing bounds what was
    missed: the intervals of recall and F1 then start at 0.
    """

    precision: Interval
    recall: Interval
    f1: Interval
    labels: int


def estimate(
    strata: Sequence[Stratum], labels: Mapping[int, bool], *, draws: int = DRAWS, seed: int = 1
) -> Estimate:
    """Quality of the links from labels (pair number → true match) drawn by `next_to_review`."""
    rng = np.random.default_rng(seed)
    links = sum(len(stratum) for stratum in strata if stratum.accepted)
    sides = [
        _outward([stratum for stratum in strata if stratum.accepted is accepted], accepted=accepted)
        for accepted in (True, False)
    ]
    seen = [[_mistakes(stratum, labels) for stratum in side] for side in sides]
    worst = [_drawn(*pair, rng, draws, extra=1) for pair in zip(sides, seen, strict=True)]
    best = [_drawn(*pair, rng, draws, extra=0) for pair in zip(sides, seen, strict=True)]
    points = [_point(*pair) for pair in zip(sides, seen, strict=True)]
    low, high, value = (_figures(links, *of) for of in (worst, best, points))
    made = [_interval(float(v[0]), lo, hi) for v, lo, hi in zip(value, low, high, strict=True)]
    if not sides[1]:
        made[1:] = [replace(one, low=0.0) for one in made[1:]]
    return Estimate(made[0], made[1], made[2], sum(many for side in seen for many, _ in side))


def _outward(strata: list[Stratum], *, accepted: bool) -> list[Stratum]:
    """Strata of one side of the threshold, the nearest first."""
    return sorted(strata, key=lambda stratum: stratum.lowest if accepted else -stratum.highest)


def _mistakes(stratum: Stratum, labels: Mapping[int, bool]) -> tuple[int, int]:
    """Labels of a stratum, and how many of them show a mistake."""
    many, matches = labeled(stratum, labels)
    return many, many - matches if stratum.accepted else matches


def _drawn(
    strata: Sequence[Stratum],
    seen: Sequence[tuple[int, int]],
    rng: np.random.Generator,
    draws: int,
    *,
    extra: int,
) -> Drawn:
    """Numbers of mistakes on one side; ``extra`` 1 is pessimistic, 0 optimistic."""
    total = np.zeros(draws)
    for place, stratum in enumerate(strata):
        many, wrong = seen[place]
        labels, mistakes = _most_telling(seen, place) if extra else (many, wrong)
        above = mistakes + extra
        below = labels - mistakes + 1 - extra
        share = rng.beta(above, below, draws) if above and below else np.full(draws, float(extra))
        total += wrong + rng.binomial(len(stratum) - many, share)
    return total


def _most_telling(seen: Sequence[tuple[int, int]], place: int) -> tuple[int, int]:
    """The labels up to ``place`` that promise the fewest mistakes there: its own, or with nearer ones."""
    pools = [np.sum(seen[first : place + 1], axis=0) for first in range(place + 1)]
    labels, mistakes = min(pools, key=lambda pool: (pool[1] + 1) / (pool[0] + 1))
    return int(labels), int(mistakes)


def _point(strata: Sequence[Stratum], seen: Sequence[tuple[int, int]]) -> Drawn:
    """Most likely number of mistakes; half are assumed where nothing was seen."""
    shares = [wrong / many if many else 0.5 for many, wrong in seen]
    return np.array([sum(len(s) * share for s, share in zip(strata, shares, strict=True))])


def _figures(links: int, false: Drawn, missed: Drawn) -> tuple[Drawn, Drawn, Drawn]:
    """Precision, recall and F1 for numbers of false links and of missed matches."""
    right = links - false
    true = np.maximum(right + missed, 1e-9)
    return right / max(links, 1), right / true, 2 * right / np.maximum(links + true, 1e-9)


def _interval(value: float, worst: Drawn, best: Drawn) -> Interval:
    low, high = float(np.quantile(worst, _TAILS[0])), float(np.quantile(best, _TAILS[1]))
    return Interval(value, min(low, value), max(high, value))
