"""Explain: every score is a sum, and every summand can be shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one field adds to a score: its comparison level and the weight in bits.

    ``level`` is None where a side is missing: then the weight is 0, missing tells nothing.
    """

    field: str
    level: int | None
    weight: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How a score came about: ``base`` bits, then every contribution, then the ``total``."""

    base: float
    contributions: tuple[Contribution, ...]

    @property
    def total(self) -> float:
        """The score: base and contributions added up."""
        return self.base + sum(part.weight for part in self.contributions)


@dataclass(frozen=True, slots=True)
class Workings:
    """All candidate pairs of two sources and how each got its score.

    ``rows_a`` and ``rows_b`` number the records ``ids_a`` and ``ids_b``; ``links`` marks what a
    one-to-one selection takes, whatever the threshold. ``levels`` (pairs, columns; 0 is missing) is
    None where there are none. ``parts`` gives the summands (pairs, columns) of chosen pairs on top
    of ``base``.
    """

    sources: tuple[str, str]
    ids_a: Sequence[str]
    ids_b: Sequence[str]
    rows_a: NDArray[np.int32]
    rows_b: NDArray[np.int32]
    score: NDArray[np.float64]
    links: NDArray[np.bool_]
    columns: tuple[str, ...]
    base: float
    levels: NDArray[np.int8] | None
    parts: Callable[[NDArray[np.int64]], NDArray[np.float64]]

    def __len__(self) -> int:
        """Number of candidate pairs."""
        return len(self.rows_a)

    def waterfall(self, place: int) -> Waterfall:
        """How the pair at ``place`` got its score; the total is the score up to rounding."""
        bits = self.parts(np.array([place], dtype=np.int64))[0].tolist()
        levels = [None] * len(bits) if self.levels is None else self.levels[place].tolist()
        levels += [None] * (len(bits) - len(levels))
        made = zip(self.columns, levels, bits, strict=True)
        return Waterfall(self.base, tuple(Contribution(n, lv or None, w) for n, lv, w in made))


def strongest(contributions: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    """Contributions by falling absolute weight: what decided comes first."""
    return tuple(sorted(contributions, key=lambda part: (-abs(part.weight), part.field)))
