"""Candidates: the pairs of encodings worth scoring; found exactly, so that no blocking loses any.

A pair is a candidate when its filters are alike enough, or when the two records share a keyed
token. How alike is "enough" follows from the data: so that an unrelated record brings only a few.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.encode import EncodingSet
from linkage.kernel import PairTable, Progress, Words, pairs_above, self_pairs_above
from linkage.kernel.engine import Engine
from linkage.kernel.limits import dice

PER_RECORD: Final = 8.0
"""Unrelated candidates per record that the floor aims at."""
_SAMPLE: Final = 1000
_LARGEST_GROUP: Final = 100
"""Pairs of records sharing one token value; larger groups say nothing about identity."""


@dataclass(frozen=True, slots=True)
class Side:
    """One source ready for comparison; ``whole`` is all its filters side by side (n, words)."""

    encodings: EncodingSet
    whole: Words

    def __len__(self) -> int:
        """Number of records."""
        return len(self.encodings)


def side(encodings: EncodingSet) -> Side:
    """Lay the filters of a set side by side; in the record layout there is only one."""
    filters = list(encodings.filters.values())
    return Side(encodings, filters[0] if len(filters) == 1 else np.hstack(filters))


def apart(encodings: EncodingSet) -> Side:
    """A set whose filters are compared one by one; the first stands for the whole."""
    return Side(encodings, next(iter(encodings.filters.values())))


def pair_dice(
    a: Words, b: Words, rows_a: NDArray[np.int32], rows_b: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Dice of given pairs of rows; 0.0 where both filters are empty."""
    score = np.empty(len(rows_a))
    for start in range(0, len(rows_a), 1 << 16):
        part = slice(start, start + (1 << 16))
        left, right = a[rows_a[part]], b[rows_b[part]]
        common = np.bitwise_count(left & right).sum(axis=1, dtype=np.int64)
        sizes = [np.bitwise_count(rows).sum(axis=1, dtype=np.int64) for rows in (left, right)]
        score[part] = dice(common, sizes[0] + sizes[1])
    return score


def unrelated_pairs(a: Side, b: Side) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Up to a million pairs of evenly drawn rows; nearly all are different persons."""
    rows_a, rows_b = _drawn(len(a)), _drawn(len(b))
    return np.repeat(rows_a, len(rows_b)), np.tile(rows_b, len(rows_a))


def _drawn(count: int) -> NDArray[np.int32]:
    return np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int32))


def floor_for(unrelated: NDArray[np.float64], largest: int) -> float:
    """Score that about `PER_RECORD` unrelated records of the larger source reach by chance."""
    if not len(unrelated):
        return 0.5
    quantile = max(1.0 - PER_RECORD / max(largest, 1), 0.0)
    return float(np.clip(np.quantile(unrelated, quantile), 0.05, 1.0))


def between(
    a: Side, b: Side, floor: float, *, engine: str | Engine, progress: Progress | None = None
) -> PairTable:
    """Candidates of two sources, by (row_a, row_b); the score is the Dice of all filters."""
    alike = pairs_above(a.whole, b.whole, floor, engine=engine, progress=progress)
    rows_a, rows_b = _with_shared_tokens(alike, list(_shared(a, b)))
    if len(rows_a) == len(alike):
        return alike
    score = pair_dice(a.whole, b.whole, rows_a, rows_b)
    return PairTable(rows_a, rows_b, score, alike.engine, alike.compared, alike.width)


def within(
    a: Side, floor: float, *, engine: str | Engine, progress: Progress | None = None
) -> PairTable:
    """Candidates inside one source, each pair once."""
    return self_pairs_above(a.whole, floor, engine=engine, progress=progress)


def _with_shared_tokens(
    alike: PairTable, shared: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    keys = (alike.rows_a.astype(np.int64) << 32) | alike.rows_b
    keys = np.unique(np.concatenate([keys, *shared]))
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)


def _shared(a: Side, b: Side) -> Iterator[NDArray[np.int64]]:
    """Keys (row_a << 32 | row_b) of pairs with an equal exact token, token by token."""
    for name, tokens_a in a.encodings.exact.items():
        yield join_equal(tokens_a, b.encodings.exact[name])


def join_equal(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Keys (row_left << 32 | row_right) of equal tokens; 0 is missing and equals nothing."""
    values, counts_left = np.unique(left[left != 0], return_counts=True)
    values_right, counts_right = np.unique(right[right != 0], return_counts=True)
    both, at_left, at_right = np.intersect1d(values, values_right, return_indices=True)
    size = counts_left[at_left] * counts_right[at_right]
    both = both[size <= _LARGEST_GROUP]
    rows_left, rows_right = (np.flatnonzero(np.isin(side, both)) for side in (left, right))
    order = rows_right[np.argsort(right[rows_right], kind="stable")]
    first = np.searchsorted(right[order], left[rows_left], side="left")
    last = np.searchsorted(right[order], left[rows_left], side="right")
    repeated = np.repeat(rows_left, last - first).astype(np.int64)
    places = np.concatenate([np.empty(0, np.int64), *map(np.arange, first, last)]).astype(np.int64)
    return (repeated << 32) | order[places]
