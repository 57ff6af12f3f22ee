"""Sampling: which pairs a person should look at, so that few labels tell much.

Candidates are cut into strata by score, links and pairs below the threshold apart. A pilot spreads a
part of the labels evenly; the rest goes where a stratum is large and still uncertain (Neyman
allocation; Marchant and Rubinstein 2017 do the same pair by pair). Within a stratum every pair is
equally likely, so estimates stay honest whatever the scores are worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

STRATA: Final = 5
"""Strata on either side of the threshold."""
FEWEST: Final = 8
"""Labels every stratum gets, or all its pairs if there are fewer."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Pairs of similar score; ``accepted`` when they are links. ``rows`` number the pairs."""

    lowest: float
    highest: float
    accepted: bool
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.rows)


def strata_of(
    score: Scores,
    accepted: NDArray[np.bool_],
    *,
    threshold: float,
    reach: float,
    many: int = STRATA,
) -> tuple[Stratum, ...]:
    """Strata of scored pairs, best first: links, then rejected pairs down to ``threshold - reach``.

    Links are cut at even counts; rejected pairs are cut by score, the highest stratum first, and
    doubling in width, since what was missed lies near the threshold. Pairs below are left out:
    choose ``reach`` so that nothing true is expected there.
    """
    links = np.flatnonzero(accepted)
    links = links[np.argsort(-score[links], kind="stable")]
    made = [
        _stratum(part[::-1], score, accepted=True) for part in np.array_split(links[::-1], many)
    ]
    rest = np.flatnonzero(~accepted & (score >= threshold - reach))
    rest = rest[np.argsort(-score[rest], kind="stable")]
    widths = np.cumsum(2.0 ** np.arange(many))
    bounds = threshold - reach * widths[:-1] / widths[-1]
    places = np.searchsorted(-score[rest], -bounds, side="right")
    made = made[::-1] + [_stratum(part, score, accepted=False) for part in np.split(rest, places)]
    return tuple(stratum for stratum in made if len(stratum))


def _stratum(rows: NDArray[np.int64], score: Scores, *, accepted: bool) -> Stratum:
    if not len(rows):
        return Stratum(0.0, 0.0, accepted, rows)
    return Stratum(float(score[rows].min()), float(score[rows].max()), accepted, rows)


def next_to_review(
    strata: Sequence[Stratum],
    labels: Mapping[int, bool],
    count: int,
    *,
    seed: int = 1,
) -> tuple[int, ...]:
    """The next ``count`` pairs to look at, given the labels so far (pair number → true match).

    First every stratum gets `FEWEST`; then each further label goes where it narrows the estimate
    most. The order inside a stratum is drawn once by ``seed``: asking again with more labels goes on
    where the last answer ended.
    """
    done = [labeled(stratum, labels) for stratum in strata]
    left = [_shuffled(stratum, labels, seed + place) for place, stratum in enumerate(strata)]
    shares = _shares(strata, done, count)
    chosen = [row for rows, share in zip(left, shares, strict=True) for row in rows[:share]]
    return tuple(chosen)


def labeled(stratum: Stratum, labels: Mapping[int, bool]) -> tuple[int, int]:
    """How many pairs of a stratum have a label, and how many of them match."""
    known = np.fromiter(labels, dtype=np.int64, count=len(labels))
    inside = known[np.isin(known, stratum.rows)].tolist()
    return len(inside), sum(labels[row] for row in inside)


def _shuffled(stratum: Stratum, labels: Mapping[int, bool], seed: int) -> list[int]:
    order = np.random.default_rng(seed).permutation(stratum.rows)
    known = np.fromiter(labels, dtype=np.int64, count=len(labels))
    rows: list[int] = order[~np.isin(order, known)].tolist()
    return rows


def _shares(strata: Sequence[Stratum], done: Sequence[tuple[int, int]], count: int) -> list[int]:
    """How many of ``count`` further labels each stratum gets."""
    given = [0] * len(strata)
    for _ in range(count):
        worth = [
            _worth(len(stratum), seen, more)
            for stratum, seen, more in zip(strata, done, given, strict=True)
        ]
        best = int(np.argmax(worth)) if worth else 0
        if not worth or worth[best] <= 0:
            break
        given[best] += 1
    return given


def _worth(size: int, seen: tuple[int, int], more: int) -> float:
    """How much variance of the estimated number of matches one more label takes away."""
    labels, matches = seen
    have = labels + more
    if have >= size:
        return 0.0
    if have < FEWEST:
        return float("inf")
    share = (matches + 0.5) / (labels + 1)
    return size**2 * share * (1 - share) / (have * (have + 1))
