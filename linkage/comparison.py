"""Comparison: every source with every other for candidates, and with itself for look-alikes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

import numpy as np

from linkage import candidates as finding
from linkage.candidates import Side
from linkage.encoded_score import Scored
from linkage.kernel import PairTable, Progress

_UNRELATED: Final = 100_000


def source_of(side: Side) -> str:
    """Name of the source a side holds."""
    return side.encodings.source


@dataclass(slots=True)
class Comparison:
    """All sources compared: candidates between and inside them, and evenly drawn unrelated pairs.

    ``floor`` is the Dice from which pairs are candidates; ``done`` counts comparisons.
    """

    sides: Sequence[Side]
    engine: str
    progress: Progress | None
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
        """Find candidates of every two sources, with a floor of at most ``highest_floor``."""
        pairs = list(combinations(self.sides, 2))
        self.unrelated = [_unrelated(a, b) for a, b in pairs]
        scores = np.concatenate([item.pairs.score for item in self.unrelated])
        largest = max(map(len, self.sides))
        self.floor = min(finding.floor_for(scores, largest), highest_floor)
        for a, b in pairs:
            found = finding.between(a, b, self.floor, engine=self.engine, progress=self._step())
            self._add(self.cross, Scored(a, b, found))

    def look_inside(self) -> None:
        """Find look-alikes inside every source; needs the floor of `look_between`."""
        for a in self.sides:
            found = finding.within(a, self.floor, engine=self.engine, progress=self._step())
            self._add(self.inside, Scored(a, a, found))

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
