"""Known pairs: what an attacker gains who already knows whom a few encodings belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.columns import Matrix
from linkage.attack.transport import cosine, mutual, rotation, without_hubs

_ROUNDS: Final = 5


def from_known_pairs(
    known: Matrix,
    target: Matrix,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    tick: Callable[[], None],
) -> Matrix:
    """Scores (a, b) from a rotation fitted on known pairs, then five times on the surest half found."""
    turn = rotation(known[rows], target[columns])
    for _ in range(_ROUNDS):
        found, best, score = mutual(cosine(known @ turn, target))
        surest = np.argsort(-score, kind="stable")[: max(len(score) // 2, 1)]
        more_rows = np.concatenate([rows, found[surest]])
        more_columns = np.concatenate([columns, best[surest]])
        turn = rotation(known[more_rows], target[more_columns])
        tick()
    return without_hubs(cosine(known @ turn, target))
