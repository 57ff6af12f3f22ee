"""Agreement: how far two raters agree beyond chance, with an interval that few ratings make wide.

Cohen's kappa (J. Cohen, Educational and Psychological Measurement 20, 1960). Its interval is that of the observed
agreement by E. B. Wilson (JASA 22, 1927), carried over with the agreement by chance as it was observed: unlike
the usual standard error it does not collapse to a point when two raters agreed every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement on ``items`` ratings, ``agreed`` of them alike.

    ``value`` is None where chance alone would always agree: both raters said the same of everything.
    """

    items: int
    agreed: int
    value: float | None
    low: float | None
    high: float | None


def kappa(ratings: Sequence[tuple[bool, bool]]) -> Kappa:
    """Kappa of two raters' yes or no on the same items; nothing rated is no agreement, not a perfect one."""
    items, agreed = len(ratings), sum(first is second for first, second in ratings)
    if not items:
        return Kappa(0, 0, None, None, None)
    yes = [sum(rating[rater] for rating in ratings) / items for rater in (0, 1)]
    chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    if chance >= 1.0:
        return Kappa(items, agreed, None, None, None)
    shares = (agreed / items, *wilson(agreed, items))
    value, low, high = ((share - chance) / (1 - chance) for share in shares)
    return Kappa(items, agreed, value, low, high)


def wilson(hits: int, items: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; of nothing it is everything."""
    if not items:
        return 0.0, 1.0
    share, z2 = hits / items, Z95 * Z95
    middle = (share + z2 / (2 * items)) / (1 + z2 / items)
    half = Z95 / (1 + z2 / items) * sqrt(share * (1 - share) / items + z2 / (4 * items * items))
    return max(0.0, middle - half), min(1.0, middle + half)


def median_of(values: Sequence[float]) -> float | None:
    """The median, None of nothing."""
    return median(values) if values else None
