"""Components: the sources a record's bits are mixed from, unmixed without the key, and paired up.

Q-grams are rare and nearly independent, so the independent components of the bits are nearly single
q-grams under any key (FastICA; Hyvärinen 1999). Frequencies and joint frequencies then say which
component of one side is which of the other.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.columns import Matrix
from linkage.attack.transport import sinkhorn

_ROUNDS: Final = 100
_MATCHING: Final = 60
_QUANTILES: Final = np.linspace(0.005, 0.995, 60)


def independent(whitened: Matrix, rng: np.random.Generator) -> Matrix:
    """Independent components (n, d) of whitened coordinates, each with positive skewness."""
    count = whitened.shape[1]
    turn = _orthogonal(rng.standard_normal((count, count)).astype(np.float32))
    for _ in range(_ROUNDS):
        shaped = np.tanh(whitened @ turn)
        slopes = (1 - shaped**2).mean(axis=0)
        before = turn
        turn = _orthogonal(whitened.T @ shaped / len(whitened) - turn * slopes)
        if float(np.abs(np.abs((turn * before).sum(axis=0)) - 1).max()) < 1e-4:
            break
    found = whitened @ turn
    found *= np.where((found**3).mean(axis=0) < 0, -1, 1)
    return np.asarray(found, dtype=np.float32)


def paired(a: Matrix, b: Matrix) -> NDArray[np.intp]:
    """For each component of ``a`` the component of ``b`` it is taken for (a permutation, d)."""
    apart = np.abs(_marginal(a)[:, None, :] - _marginal(b)[None, :, :]).mean(axis=2)
    apart /= max(float(np.median(apart)), 1e-9)
    moments = [(_squares(a), _squares(b)), (_mixed(a), _mixed(b)), (_mixed(a).T, _mixed(b).T)]
    plan = sinkhorn(np.asarray(-apart, dtype=np.float32), 0.1)
    for step in range(_MATCHING):
        gain = sum((left @ plan @ right.T for left, right in moments), np.zeros_like(plan))
        gain /= max(float(gain.std()), 1e-9)
        sharp = 0.5 * 0.1 ** (step / (_MATCHING - 1))
        plan = sinkhorn(np.asarray(gain - apart, dtype=np.float32), sharp)
    return assigned(plan)


def assigned(score: Matrix) -> NDArray[np.intp]:
    """The permutation with the largest sum of scores (Hungarian method; Kuhn 1955)."""
    size = len(score)
    cost = np.full((size + 1, size + 1), 0.0)
    cost[1:, 1:] = -score
    above, beside = np.zeros(size + 1), np.zeros(size + 1)
    owner = np.zeros(size + 1, dtype=np.intp)
    for row in range(1, size + 1):
        _augment(cost, above, beside, owner, row)
    found = np.empty(size, dtype=np.intp)
    found[owner[1:] - 1] = np.arange(size)
    return found


def _augment(
    cost: NDArray[np.float64],
    above: NDArray[np.float64],
    beside: NDArray[np.float64],
    owner: NDArray[np.intp],
    row: int,
) -> None:
    """One shortest augmenting path: give ``row`` a column, moving others where that is cheaper."""
    size = len(cost) - 1
    least, came = np.full(size + 1, np.inf), np.zeros(size + 1, dtype=np.intp)
    used = np.zeros(size + 1, dtype=np.bool_)
    owner[0], column = row, 0
    while True:
        used[column] = True
        reduced = cost[owner[column]] - above[owner[column]] - beside
        better = ~used & (reduced < least)
        least[better], came[better] = reduced[better], column
        least[0] = np.inf
        free = np.where(used, np.inf, least)
        following = int(free.argmin())
        step = free[following]
        above[owner[used]] += step
        beside[used] -= step
        least[~used] -= step
        column = following
        if not owner[column]:
            break
    while column:
        owner[column] = owner[came[column]]
        column = int(came[column])


def _orthogonal(matrix: Matrix) -> Matrix:
    left, _, right = np.linalg.svd(matrix)
    return np.asarray(left @ right, dtype=np.float32)


def _marginal(sources: Matrix) -> Matrix:
    return np.asarray(np.quantile(sources, _QUANTILES, axis=0).T, dtype=np.float32)


def _squares(sources: Matrix) -> Matrix:
    square = sources**2
    return _without_diagonal(square.T @ square / len(sources) - 1)


def _mixed(sources: Matrix) -> Matrix:
    return _without_diagonal((sources**2).T @ sources / len(sources))


def _without_diagonal(matrix: NDArray[np.floating]) -> Matrix:
    np.fill_diagonal(matrix, 0)
    return np.asarray(matrix, dtype=np.float32)
