"""Doubted: how many links are false by a taught scorer's doubts, which pairs counted near them correct.

A taught scorer says of every link how likely it is false. Its odds fit the records at hand but roughly;
counted pairs fit them exactly, but they are few where they matter and some are patients registered twice.
So each corrects the other by its precision, score by score (Kalman 1960). Doubts move by what their odds
may be off, and all by a little, since a register may have errors of which the scorer was taught nothing.
"""

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_UNSURE: Final = 0.5 * log(2)
"""Standard deviation of the doubts' log-odds: half a bit."""
_UNFIT: Final = 0.05
"""Standard deviation of a factor to all doubts: where everybody is linked, hundreds of expected pairs
that do not show up outweigh any doubt."""
_NEAR: Final = 2.0
"""Bits of score within which doubts are off alike."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Pairs that stand for false links, at or above each of the falling cuts.

    ``pairs``: how many there are; ``twice``: how many of these are expected to be patients registered
    twice; ``worth``: false links that a pair stands for.
    """

    pairs: Values
    twice: Values
    worth: Values


def false_links(
    links: Values, doubt: Values, cuts: Values, counted: Counted | None = None
) -> Values:
    """Expected number of false links at or above each of the falling ``cuts``.

    ``links``: scores of the links in bits; ``doubt``: chance of each that it is false.
    """
    falling = np.argsort(-links, kind="stable")
    reached = np.searchsorted(-links[falling], -cuts, side="right")
    doubt = doubt[falling]
    if counted is not None and len(cuts):
        place = np.searchsorted(-cuts, -links[falling], side="left").clip(0, len(cuts) - 1)
        odds, factor = _errors(_upto(doubt, reached), _upto(_open(doubt), reached), cuts, counted)
        moved = doubt + odds[place] * _open(doubt) + factor[place] * doubt
        doubt = np.clip(moved, 0.0, 1.0)
    return _upto(doubt, reached)


def _errors(
    doubted: Values, undecided: Values, cuts: Values, counted: Counted
) -> tuple[Values, Values]:
    """By how much doubts are off at each cut, by what was counted near it: log-odds, and factor less 1.

    All in counted pairs. What was counted varies by chance, and what is taken off as registered twice
    may be wrong altogether.
    """
    pairs, twice, expected, loose = (
        _near(mass, cuts) for mass in (counted.pairs, counted.twice, doubted, undecided)
    )
    worth = np.maximum(counted.worth, 1e-9)
    expected, loose = expected / worth, loose / worth
    by_doubts = (_UNSURE * loose) ** 2 + (_UNFIT * expected) ** 2
    by_chance = np.maximum(pairs, expected + twice) + twice + twice**2
    surprise = (pairs - twice - expected) / np.maximum(by_doubts + by_chance, 1e-9)
    return np.asarray(_UNSURE**2 * loose * surprise), np.asarray(_UNFIT**2 * expected * surprise)


def _near(upto: Values, cuts: Values) -> Values:
    """Of masses at or above the cuts, what lies within two bits of each."""
    above = np.searchsorted(-cuts, -(cuts + _NEAR), side="left")
    last = np.searchsorted(-cuts, -(cuts - _NEAR), side="right") - 1
    padded = np.append(0.0, upto)
    return np.asarray(padded[last + 1] - padded[above])


def _open(doubt: Values) -> Values:
    """How far a doubt moves with its log-odds."""
    return doubt * (1 - doubt)


def _upto(values: Values, reached: NDArray[np.int64]) -> Values:
    return np.append(0.0, np.cumsum(values))[reached]
