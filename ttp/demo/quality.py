"""Quality: pairs of records said to be one person, against the pairs that truly are; never an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from linkage.evaluate import Quality

K = TypeVar("K", bound=Hashable)


def document(quality: Quality) -> dict[str, float]:
    """Counts and ratios for the report."""
    return {
        "precision": round(quality.precision, 4),
        "recall": round(quality.recall, 4),
        "f1": round(quality.f1, 4),
        "pairs_found": quality.found,
        "pairs_true": quality.true,
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
