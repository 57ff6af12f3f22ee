"""Equality: which records share a value, as anybody sees without a key.

A filter of one field, an exact token and the token of a salted view are equal exactly where what is
behind them is equal. Group sizes, and which record is in which groups, then describe records and
values alike under every key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.encode import EncodingSet, Words

Labels = NDArray[np.int64]
"""Number of each record's value, from 1; 0 where it is missing."""
_ROUNDS: Final = 12


class Seen:
    """What equal encodings show, gathered source by source or block by block.

    Keeps 64 bits of each filter and token, not the filters.
    """

    def __init__(self) -> None:
        self._marks: dict[str, list[NDArray[np.uint64]]] = {}
        self._thinned: set[str] = set()

    def add(self, encodings: EncodingSet) -> None:
        """Look at more records."""
        for name, words in encodings.filters.items():
            marks = np.where(encodings.present[name], marked(words), np.uint64(0))
            self._marks.setdefault(f"filter {name}", []).append(marks)
        for name, tokens in encodings.exact.items():
            self._marks.setdefault(f"token {name}", []).append(tokens)
        for view in encodings.schema.salted:
            if view.thinned:
                names = (f"token {view.name}", *(f"filter {view.name}.{b}" for b in view.blocks))
                self._thinned.update(names)

    def labels(self) -> dict[str, Labels]:
        """Every filter and token as labels, by name."""
        return {name: _numbered(np.concatenate(parts)) for name, parts in self._marks.items()}

    @property
    def thinned(self) -> frozenset[str]:
        """Names of what is missing by chance, because others hold the token."""
        return frozenset(self._thinned)


def visible(encodings: EncodingSet) -> dict[str, Labels]:
    """Every filter and token of the records as labels, by name."""
    seen = Seen()
    seen.add(encodings)
    return seen.labels()


def marked(words: Words) -> NDArray[np.uint64]:
    """64 bits for each row's content (n,), never 0: equal rows, equal marks."""
    marks = np.zeros(len(words), dtype=np.uint64)
    for place in range(words.shape[1]):
        marks = _mixed(marks ^ words[:, place])
    return np.maximum(marks, np.uint64(1))


def numbered(words: Words) -> Labels:
    """Number of each row's content (n,) from 0: equal rows, equal numbers."""
    return np.unique(marked(words), return_inverse=True)[1].astype(np.int64)


def _numbered(marks: NDArray[np.uint64]) -> Labels:
    numbers = np.unique(marks, return_inverse=True)[1].astype(np.int64)
    return np.where(marks != 0, numbers + 1, 0)


def refined(labels: Mapping[str, Labels], *, by_chance: Collection[str] = ()) -> NDArray[np.uint64]:
    """Colors of the records (n,) by color refinement; equal under every key.

    A record's color comes from what it lacks, then again and again from the colors met in each of
    its groups, until no more records can be told apart (Weisfeiler and Leman 1968). What lacks
    ``by_chance`` is taken for a value that nobody shares.
    """
    lacking = np.stack(
        [(column == 0) & (name not in by_chance) for name, column in labels.items()], axis=1
    )
    colors = _combined(lacking.astype(np.uint64))
    told = 0
    for _ in range(_ROUNDS):
        parts = [_mixed(colors), *(_met(colors, c, n in by_chance) for n, c in labels.items())]
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
    counts = np.bincount(labels, minlength=1)
    counts[0] = 0
    return int(counts[counts > 1].sum())


def largest_group(labels: Labels) -> int:
    """Records of the most frequent value."""
    return int(np.bincount(labels)[1:].max(initial=0))


def _met(colors: NDArray[np.uint64], column: Labels, by_chance: bool) -> NDArray[np.uint64]:
    """Sum of the mixed colors in each record's group: the same for every order."""
    own = _mixed(colors)
    sums = np.zeros(int(column.max(initial=0)) + 1, dtype=np.uint64)
    np.add.at(sums, column, own)
    lacking = _mixed(own) if by_chance else np.uint64(0)
    return np.where(column > 0, _mixed(sums[column]), lacking)


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
