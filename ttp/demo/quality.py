"""Quality: pairs of records said to be one person, against the pairs that truly are; never an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a linkage is: counts of pairs, and the usual ratios of them."""

    found: int
    true: int
    correct: int

    @property
    def precision(self) -> float:
        """Which share of the found pairs is correct; 1.0 when nothing was found."""
        return self.correct / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Which share of the true pairs was found; 1.0 when there is nothing to find."""
        return self.correct / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def document(self) -> dict[str, float]:
        """For the report."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "pairs_found": self.found,
            "pairs_true": self.true,
        }


def measure(grouped: Mapping[K, Hashable], truth: Mapping[K, Hashable]) -> Quality:
    """Compare groups of records (record → group) with the truth (record → person), pair by pair.

    Counted without listing pairs: a group of n records has n·(n-1)/2 of them.
    """
    return Quality(
        found=_pairs(grouped.values()),
        true=_pairs(truth[record] for record in grouped),
        correct=_pairs((group, truth[record]) for record, group in grouped.items()),
    )


def measure_across(
    grouped: Mapping[K, Hashable], truth: Mapping[K, Hashable], sides: Mapping[K, Hashable]
) -> Quality:
    """The same for pairs of records of different sides (record → side) alone."""
    everywhere = measure(grouped, truth)
    inside = [
        measure({one: group for one, group in grouped.items() if sides[one] == side}, truth)
        for side in set(sides.values())
    ]
    return Quality(
        found=everywhere.found - sum(one.found for one in inside),
        true=everywhere.true - sum(one.true for one in inside),
        correct=everywhere.correct - sum(one.correct for one in inside),
    )


def _pairs(groups: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
