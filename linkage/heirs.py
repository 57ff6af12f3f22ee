"""Heirs: candidates that would be links if the one link that beat them were not there.

Between records without a counterpart nobody stands in the way of such a pair, so heirs of which one
record is truly linked are like false links; other beaten candidates lose to better false links as well.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Rows = NDArray[np.int32]


def heirs(score: Values, rows: tuple[Rows, Rows], held: tuple[Values, Values]) -> NDArray[np.bool_]:
    """Which beaten candidates are heirs: beaten at one record alone, and the best of those there.

    ``held``: for each candidate the scores of the links that its two records have, -inf for none.
    """
    found = np.zeros(len(score), dtype=np.bool_)
    for side in (0, 1):
        beaten_here = np.flatnonzero((held[side] >= score) & (held[1 - side] < score))
        mine = rows[side][beaten_here]
        order = np.lexsort((-score[beaten_here], mine))
        first = np.diff(mine[order], prepend=-1) != 0
        found[beaten_here[order[first]]] = True
    return found
