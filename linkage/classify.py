"""Classify: match, possible match or non-match; a record matches at most one record of a source."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.kernel import PairTable

REVIEW_SHARE: Final = 0.02
"""Possible matches offered for review: at most this share of the records of the smaller source."""


class Outcome(StrEnum):
    """What a candidate pair is held to be."""

    MATCH = "match"
    POSSIBLE = "possible"
    NON_MATCH = "non-match"


@dataclass(frozen=True, slots=True)
class Classified:
    """Matches after one-to-one selection, and possible matches, which may repeat records."""

    matches: PairTable
    possible: PairTable


def one_to_one(pairs: PairTable, *, alike: NDArray[np.float64] | None = None) -> PairTable:
    """Each row of either side at most once, taking the best pairs first; sorted as `pairs_above`.

    Greedy by falling score; equal scores by what is more ``alike`` (pairs), if that is told, then by
    (row_a, row_b), so the result depends on nothing else.
    """
    second = np.zeros(len(pairs)) if alike is None else -alike
    order = np.lexsort((pairs.rows_b, pairs.rows_a, second, -pairs.score))
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    kept: list[int] = []
    rows = zip(
        order.tolist(), pairs.rows_a[order].tolist(), pairs.rows_b[order].tolist(), strict=True
    )
    for place, row_a, row_b in rows:
        if row_a not in taken_a and row_b not in taken_b:
            taken_a.add(row_a)
            taken_b.add(row_b)
            kept.append(place)
    return pairs.select(np.sort(np.array(kept, dtype=np.int64)))


def classify(
    pairs: PairTable,
    *,
    match_at: float,
    possible_at: float,
    most_possible: int,
    alike: NDArray[np.float64] | None = None,
) -> Classified:
    """Split candidate pairs at two scores (``possible_at`` <= ``match_at``).

    Matches are chosen one to one among all pairs at or above ``match_at``, of equal scores the more
    ``alike``. Possible matches are the
    best ``most_possible`` of the rest at or above ``possible_at`` in which at least one record has
    no match: what a person should see because the score alone cannot tell.
    """
    enough = pairs.score >= match_at
    matches = one_to_one(pairs.select(enough), alike=None if alike is None else alike[enough])
    free = ~(np.isin(pairs.rows_a, matches.rows_a) & np.isin(pairs.rows_b, matches.rows_b))
    rest = pairs.select(free & (pairs.score >= possible_at))
    return Classified(matches, _best(rest, most_possible))


def _best(pairs: PairTable, most: int) -> PairTable:
    """The ``most`` highest-scored pairs, in (row_a, row_b) order; ties at the end are left out."""
    if len(pairs) <= most:
        return pairs
    order = np.argsort(-pairs.score, kind="stable")
    cut = pairs.score[order[most]]
    chosen: NDArray[np.bool_] = pairs.score > cut
    return pairs.select(chosen)
