"""Search: where candidates come from, by layout.

Filters of a record or its fields are compared side by side; views one by one, a pair being a
candidate when any of them is alike enough; salted views by an equal token, without comparing all
with all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.candidates import Side, join_equal, pair_dice
from linkage.decide.matter import salts_of
from linkage.kernel import PairTable, Progress, pairs_above, self_pairs_above
from linkage.kernel.engine import Engine

PER_VIEW: Final = 2.0
"""Unrelated candidates per record and view that its floor aims at."""


@dataclass(slots=True)
class ByViews:
    """Candidates by any of several filters; ``floors`` holds the Dice each must reach."""

    engine: str | Engine
    floors: dict[str, float] = field(default_factory=dict)

    def prepare(self, sides: Sequence[Side], unrelated: Sequence[PairTable]) -> None:
        """Set the floors from evenly drawn ``unrelated`` pairs of the first two sides and others."""
        largest = max(map(len, sides))
        first, second = sides[0].encodings, sides[1].encodings
        rows = unrelated[0]
        for name in first.filters:
            known = first.present[name][rows.rows_a] & second.present[name][rows.rows_b]
            left, right = rows.rows_a[known], rows.rows_b[known]
            scores = pair_dice(first.filters[name], second.filters[name], left, right)
            self.floors[name] = _floor(scores, largest)

    def between(self, a: Side, b: Side, progress: Progress | None) -> PairTable:
        """Candidates of two sources, by (row_a, row_b); the score is 0 until they are judged."""
        found: list[NDArray[np.int64]] = list(_equal_tokens(a, b))
        for place, (name, floor) in enumerate(self.floors.items()):
            step = _part(progress, place, len(self.floors))
            left, right = a.encodings.filters[name], b.encodings.filters[name]
            alike = pairs_above(left, right, floor, engine=self.engine, progress=step)
            found.append(_keys(alike))
        return _table(found, alike.engine, len(a) * len(b), progress)

    def within(self, a: Side, progress: Progress | None) -> PairTable:
        """Look-alikes inside one source, each pair once."""
        found = []
        for place, (name, floor) in enumerate(self.floors.items()):
            step = _part(progress, place, len(self.floors))
            filters = a.encodings.filters[name]
            alike = self_pairs_above(filters, floor, engine=self.engine, progress=step)
            found.append(_keys(alike))
        return _table(found, alike.engine, len(a) * (len(a) - 1) // 2, progress)


@dataclass(slots=True)
class ByTokens:
    """Candidates by an equal token of any salted view."""

    def between(self, a: Side, b: Side, progress: Progress | None) -> PairTable:
        """Candidates of two sources, by (row_a, row_b); the score is 0 until they are judged."""
        found = [*_joined(a, b), *_equal_tokens(a, b)]
        return _table(found, "tokens", len(a) * len(b), progress)

    def within(self, a: Side, progress: Progress | None) -> PairTable:
        """Records of one source with an equal token, each pair once; none when views are thinned."""
        found = [keys[(keys >> 32) < (keys & 0xFFFFFFFF)] for keys in _joined(a, a)]
        return _table(found, "tokens", len(a) * (len(a) - 1) // 2, progress)


def _joined(a: Side, b: Side) -> Iterator[NDArray[np.int64]]:
    for name in salts_of(a.encodings):
        yield join_equal(a.encodings.exact[name], b.encodings.exact[name])


def _equal_tokens(a: Side, b: Side) -> Iterator[NDArray[np.int64]]:
    """Pairs that share a token which is no salt: an insurance number."""
    salts = frozenset(salts_of(a.encodings))
    for name in a.encodings.exact.keys() - salts:
        yield join_equal(a.encodings.exact[name], b.encodings.exact[name])


def _floor(unrelated: NDArray[np.float64], largest: int) -> float:
    """Dice that about `PER_VIEW` unrelated records of the larger source reach by chance."""
    if not len(unrelated):
        return 0.5
    quantile = max(1.0 - PER_VIEW / max(largest, 1), 0.0)
    return float(np.clip(np.quantile(unrelated, quantile), 0.05, 1.0))


def _keys(pairs: PairTable) -> NDArray[np.int64]:
    return (pairs.rows_a.astype(np.int64) << 32) | pairs.rows_b


def _table(
    found: Sequence[NDArray[np.int64]], engine: str, compared: int, progress: Progress | None
) -> PairTable:
    keys = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    if progress is not None:
        progress(compared, compared)
    rows_a, rows_b = (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)
    return PairTable(rows_a, rows_b, np.zeros(len(keys)), engine, compared, 0)


def _part(progress: Progress | None, place: int, many: int) -> Progress | None:
    """Progress of one of several passes over the same pairs, as a share of them all."""
    if progress is None:
        return None
    return lambda done, total: progress((place * total + done) // many, total)
