"""Equality: which records share a value, as anybody sees without a key.

A filter of one field, an exact token and the token of a salted view are equal exactly where what is
behind them is equal. Group sizes, and which record is in which groups, then describe records and
values alike under every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.encode import EncodingSet, Words

Labels = NDArray[np.int64]
"""Number of each record's value, from 1; 0 where it is missing."""
_ROUNDS: Final = 12


def visible(encodings: EncodingSet) -> dict[str, Labels]:
    """Every filter and token of the records as labels, by name."""
    found = {
        f"filter {name}": np.where(encodings.present[name], numbered(words) + 1, 0)
        for name, words in encodings.filters.items()
    }
    for name, tokens in encodings.exact.items():
        found[f"token {name}"] = np.where(tokens != 0, numbered(tokens[:, None]) + 1, 0)
    return found


def numbered(words: Words) -> Labels:
    """Number of each row's content (n,): equal rows, equal numbers."""
    rows = np.ascontiguousarray(words)
    kind = np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))
    _, numbers = np.unique(rows.view(kind).ravel(), return_inverse=True)
    return numbers.astype(np.int64)


def refined(labels: Mapping[str, Labels]) -> NDArray[np.uint64]:
    """Colors of the records (n,) by color refinement; equal under every key.

    A record's color comes from what it lacks, then again and again from the colors met in each of its
    groups, until no more records can be told apart (Weisfeiler and Leman 1968).
    """
    columns = list(labels.values())
    lacking = np.stack([column == 0 for column in columns], axis=1)
    colors = _combined(lacking.astype(np.uint64))
    told = 0
    for _ in range(_ROUNDS):
        parts = [_mixed(colors), *(_met(colors, column) for column in columns)]
        colors = _combined(np.stack(parts, axis=1))
        count = len(np.unique(colors))
        if count == told:
            break
        told = count
    return colors


def unique_rows(colors: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which records nobody shares a color with (n,)."""
    _, numbers, counts = np.unique(colors, return_inverse=True, return_counts=True)
    return np.asarray(counts[numbers] == 1)


def largest_component(labels: Mapping[str, Labels]) -> int:
    """Records in the largest set that hangs together through shared values."""
    size = max((len(column) for column in labels.values()), default=0)
    mark = np.arange(size)
    while True:
        before = mark.copy()
        for column in labels.values():
            least = np.full(int(column.max(initial=0)) + 1, size)
            np.minimum.at(least, column, mark)
            mark = np.where(column > 0, np.minimum(mark, least[column]), mark)
        mark = mark[mark]
        if np.array_equal(mark, before):
            return int(np.bincount(mark).max(initial=0))


def shared(labels: Labels) -> int:
    """Records whose value at least one other record has too."""
    counts = np.bincount(labels)
    counts[0] = 0
    return int(counts[counts > 1].sum())


def _met(colors: NDArray[np.uint64], column: Labels) -> NDArray[np.uint64]:
    """Sum of the mixed colors in each record's group: the same for every order; 0 where missing."""
    sums = np.zeros(int(column.max(initial=0)) + 1, dtype=np.uint64)
    np.add.at(sums, column, _mixed(colors))
    return np.where(column > 0, _mixed(sums[column]), np.uint64(0))


def _combined(parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    found = np.zeros(len(parts), dtype=np.uint64)
    for place in range(parts.shape[1]):
        found = _mixed(found + parts[:, place] + np.uint64(place + 1))
    return found


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64 finalizer: spreads colors; no secret is involved (Steele and others 2014)."""
    found = values + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ (found >> np.uint64(31)))
