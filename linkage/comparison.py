"""Comparison: every source with every other for candidates, and with itself for look-alikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final, Protocol

import numpy as np

from linkage import candidates as finding
from linkage.candidates import Side
from linkage.encoded_score import Scored
from linkage.kernel import PairTable, Progress
from linkage.kernel.engine import Engine

_UNRELATED: Final = 100_000


def source_of(side: Side) -> str:
    """Name of the source a side holds."""
    return side.encodings.source


class Search(Protocol):
    """Where candidates come from."""

    def between(self, a: Side, b: Side, progress: Progress | None) -> PairTable:
        """Candidates of two sources, by (row_a, row_b)."""

    def within(self, a: Side, progress: Progress | None) -> PairTable:
        """Candidates inside one source, each pair once."""


@dataclass(frozen=True, slots=True)
class ByLikeness:
    """Candidates by the Dice coefficient of all filters side by side, from ``floor`` on."""

    floor: float
    engine: str | Engine

    def between(self, a: Side, b: Side, progress: Progress | None) -> PairTable:
        """Candidates of two sources; pairs that share a token are among them."""
        return finding.between(a, b, self.floor, engine=self.engine, progress=progress)

    def within(self, a: Side, progress: Progress | None) -> PairTable:
        """Look-alikes inside one source."""
        return finding.within(a, self.floor, engine=self.engine, progress=progress)


@dataclass(slots=True)
class Comparison:
    """All sources compared: candidates between and inside them, and evenly drawn unrelated pairs.

    Without a ``search`` candidates are found by likeness. ``floor`` is the Dice from which they are;
    ``done`` counts comparisons.
    """

    sides: Sequence[Side]
    engine: str | Engine
    progress: Progress | None
    search: Search | None = None
    cross: list[Scored] = field(default_factory=list)
    inside: list[Scored] = field(default_factory=list)
    unrelated: list[Scored] = field(default_factory=list)
    floor: float = 0.0
    done: int = 0

    @property
    def total(self) -> int:
        """Comparisons in all."""
        sizes = [len(side) for side in self.sides]
        return sum(a * b for a, b in combinations(sizes, 2)) + sum(n * (n - 1) // 2 for n in sizes)

    def look_between(self, *, highest_floor: float = 1.0) -> None:
        """Find candidates of every two sources, by likeness with a floor of at most ``highest_floor``."""
        pairs = list(combinations(self.sides, 2))
        if self.search is None:
            self.draw_unrelated()
            scores = np.concatenate([item.pairs.score for item in self.unrelated])
            largest = max(map(len, self.sides))
            self.floor = min(finding.floor_for(scores, largest), highest_floor)
            self.search = ByLikeness(self.floor, self.engine)
        for a, b in pairs:
            self._add(self.cross, Scored(a, b, self.search.between(a, b, self._step())))

    def draw_unrelated(self) -> None:
        """Draw the unrelated pairs of every two sources."""
        self.unrelated = [_unrelated(a, b) for a, b in combinations(self.sides, 2)]

    def look_inside(self) -> None:
        """Find look-alikes inside every source; comes after `look_between`."""
        search = self.search or ByLikeness(self.floor, self.engine)
        for a in self.sides:
            self._add(self.inside, Scored(a, a, search.within(a, self._step())))

    def _add(self, to: list[Scored], scored: Scored) -> None:
        to.append(scored)
        self.done += scored.pairs.compared

    def _step(self) -> Progress | None:
        report, before = self.progress, self.done
        if report is None:
            return None
        return lambda done, _: report(min(before + done, self.total), self.total)


def _unrelated(a: Side, b: Side) -> Scored:
    """Evenly drawn pairs of two sources with their Dice coefficient."""
    rows_a, rows_b = finding.unrelated_pairs(a, b)
    score = finding.pair_dice(a.whole, b.whole, rows_a, rows_b)
    return Scored(a, b, PairTable(rows_a, rows_b, score, "", 0, 0))


def thinned(scored: Scored) -> Scored:
    """Every n-th pair, so that at most about 100,000 stay to be compared filter by filter."""
    step = max(len(scored.pairs) // _UNRELATED, 1)
    return replace(scored, pairs=scored.pairs.select(np.arange(0, len(scored.pairs), step)))
