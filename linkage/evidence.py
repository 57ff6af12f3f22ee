"""Evidence: what the scored candidates of one pair of sites say about false links, without the truth."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.heirs import heirs
from linkage.kernel import PairTable

Scores = NDArray[np.float64]

_FEWEST: Final = 200
"""Candidates of linked records below which it is not told how many are displaced."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one pair of sites says.

    ``links``: scores of the one-to-one links between them; ``beaten``: scores of the candidates
    between them that lost to a link; ``within``: scores of the candidates inside them, None when
    those cannot be compared; ``sizes``: their numbers of records. ``room``: chance that a look-alike
    of a linked record still shows up as a candidate; below 1 where look-alikes compete for tokens.
    ``held``: for each of ``beaten`` the scores of the links its two records have, -inf for none.
    ``doubt``: for each of ``links`` the chance that it is false, by a scorer that was taught; scores are
    bits then, and ``heirs`` says which of ``beaten`` would be links but for one link.
    """

    links: Scores
    beaten: Scores
    within: Scores | None
    sizes: tuple[int, int]
    room: float = 1.0
    held: tuple[Scores, Scores] | None = None
    heirs: NDArray[np.bool_] | None = None
    doubt: Scores | None = None

    @property
    def scale(self) -> float:
        """Pairs between the sites for every pair inside them."""
        a, b = self.sizes
        return a * b / max((a * (a - 1) + b * (b - 1)) / 2, 1.0)

    def one_linked(self, trusted_from: float, *, heirs: bool = False) -> Scores:
        """Scores of the beaten pairs, or heirs, of which exactly one record has a trusted link."""
        if self.held is None:
            return self.beaten
        first, second = (scores >= trusted_from for scores in self.held)
        counted = first ^ second
        if heirs and self.heirs is not None:
            counted &= self.heirs
        return self.beaten[counted]


def evidence_of(
    pairs: PairTable,
    links: NDArray[np.bool_],
    within: Scores | None,
    sizes: tuple[int, int],
    *,
    doubt: Scores | None = None,
) -> Evidence:
    """The evidence of scored candidates, of which some are ``links``; ``doubt`` of each link."""
    held = []
    for rows, size in zip((pairs.rows_a, pairs.rows_b), sizes, strict=True):
        best = np.full(size, -np.inf)
        best[rows[links]] = pairs.score[links]
        held.append(best[rows[~links]])
    found, beaten, both = pairs.score[links], pairs.score[~links], (held[0], held[1])
    next_ones = None
    if doubt is not None:
        next_ones = heirs(beaten, (pairs.rows_a[~links], pairs.rows_b[~links]), both)
    return Evidence(found, beaten, within, sizes, held=both, heirs=next_ones, doubt=doubt)


def room(
    pairs: PairTable, links: NDArray[np.bool_], sizes: tuple[int, int], *, trusted_from: float
) -> float:
    """Chance that a look-alike of a linked record still shows up as a candidate, between .5 and 1.

    In thinned views one record of a source holds a token. Where the true counterpart holds it, its
    look-alikes cannot, so records with a link show fewer false candidates than records without, and
    what lost to links says too little about false links. Pairs with both records linked suffer twice,
    pairs with one linked once: their ratio gives the chance, and neither kind holds a match.
    """
    trusted = links & (pairs.score >= trusted_from)
    sides = [np.isin(rows, rows[trusted]) for rows in (pairs.rows_a, pairs.rows_b)]
    below = ~links & (pairs.score < trusted_from)
    both = float((sides[0] & sides[1] & below).sum())
    one = float(((sides[0] ^ sides[1]) & below).sum())
    a, b = (float(trusted.sum()) / max(size, 1) for size in sizes)
    if min(a * b, one) <= 0 or both + one < _FEWEST:
        return 1.0
    return float(np.clip(both / one * (a * (1 - b) + b * (1 - a)) / (a * b), 0.5, 1.0))
