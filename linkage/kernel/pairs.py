"""Pairs: the result of a comparison, in an order that depends on nothing but the input."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PairTable:
    """Pairs of rows with their similarity.

    ``rows_a``, ``rows_b`` number the rows of the two inputs; ``score`` is the exact value of the
    measure asked for, Dice unless another was. ``engine`` names what computed them, ``compared``
    how many pairs were covered and ``width`` how many words of each were scanned before the
    survivors were read in full.
    """

    rows_a: NDArray[np.int32]
    rows_b: NDArray[np.int32]
    score: NDArray[np.float64]
    engine: str
    compared: int
    width: int

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.rows_a)

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "PairTable":
        """Pairs picked by mask or position."""
        picked = self.rows_a[chosen], self.rows_b[chosen], self.score[chosen]
        return PairTable(*picked, self.engine, self.compared, self.width)

    def best(self, most: int) -> "PairTable":
        """Of every row of ``a`` the up to ``most`` most similar rows of ``b``, likeliest first.

        Sorted by row of ``a``, then falling score, then row of ``b``.
        """
        ranked = self.select(np.lexsort((self.rows_b, -self.score, self.rows_a)))
        starts = np.searchsorted(ranked.rows_a, ranked.rows_a, side="left")
        return ranked.select(np.arange(len(ranked)) - starts < most)
