"""Assignment: the one-to-one selection with the greatest total score, component by component.

Greedy selection (`classify.one_to_one`) takes the best pair first and may leave two records without
a partner that a second-best pair would have served. This one considers every record of a connected
component together (shortest augmenting paths, Jonker and Volgenant 1987, without their start-up).
Components above `LARGEST` records on a side are left to the greedy way: they are no longer about
one family but about a threshold that is too low.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.classify import one_to_one
from linkage.kernel import PairTable

LARGEST: Final = 200
_NEVER: Final = 1e12


def best_assignment(pairs: PairTable, *, worth_from: float = 0.0) -> PairTable:
    """Each row of either side at most once, so that the sum of (score - ``worth_from``) is greatest.

    Pairs below ``worth_from`` are never taken. Deterministic; sorted as `pairs_above`.
    """
    usable = np.flatnonzero(pairs.score >= worth_from)
    chosen = [_chosen(pairs, places, worth_from) for places in _components(pairs, usable)]
    return pairs.select(np.sort(np.concatenate([np.empty(0, dtype=np.int64), *chosen])))


def _components(pairs: PairTable, usable: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Places of the pairs of every connected component."""
    root: dict[int, int] = {}

    def find(node: int) -> int:
        while root.setdefault(node, node) != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    rows = pairs.rows_a[usable].tolist(), pairs.rows_b[usable].tolist()
    for row_a, row_b in zip(*rows, strict=True):
        first, second = find(row_a), find(-1 - row_b)
        root[max(first, second)] = min(first, second)
    of = np.array([find(row) for row in rows[0]], dtype=np.int64)
    order = np.argsort(of, kind="stable")
    ends = np.flatnonzero(np.diff(of[order])) + 1
    if len(usable):
        yield from np.split(usable[order], ends)


def _chosen(pairs: PairTable, places: NDArray[np.int64], worth_from: float) -> NDArray[np.int64]:
    if len(places) == 1:
        return places
    part = pairs.select(places)
    rows, at_row = np.unique(part.rows_a, return_inverse=True)
    columns, at_column = np.unique(part.rows_b, return_inverse=True)
    if max(len(rows), len(columns)) > LARGEST:
        kept = one_to_one(part)
        keys, taken = ((p.rows_a.astype(np.int64) << 32) | p.rows_b for p in (part, kept))
        return np.asarray(places[np.isin(keys, taken)])
    # One further column per row stands for "no partner", at no gain.
    cost = np.full((len(rows), len(columns) + len(rows)), _NEVER)
    cost[:, len(columns) :] = 0.0
    cost[at_row, at_column] = worth_from - part.score
    column_of = cheapest(cost)
    return np.asarray(places[column_of[at_row] == at_column])


def cheapest(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """For every row its column, so that the total cost is least; needs as many columns as rows."""
    rows, columns = cost.shape
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        owner[0] = row
        _augment(cost, of_row, of_column, owner)
    found = np.zeros(rows, dtype=np.int64)
    taken = np.flatnonzero(owner[1:])
    found[owner[1:][taken] - 1] = taken
    return found


def _augment(
    cost: NDArray[np.float64],
    of_row: NDArray[np.float64],
    of_column: NDArray[np.float64],
    owner: NDArray[np.int64],
) -> None:
    """Give the row in ``owner[0]`` a column along the shortest path, shifting other rows."""
    columns = len(owner)
    least = np.full(columns, np.inf)
    way = np.zeros(columns, dtype=np.int64)
    used = np.zeros(columns, dtype=np.bool_)
    at = 0
    while owner[at]:
        used[at] = True
        row = int(owner[at])
        reduced = cost[row - 1] - of_row[row] - of_column[1:]
        nearer = ~used[1:] & (reduced < least[1:])
        least[1:][nearer] = reduced[nearer]
        way[1:][nearer] = at
        free = np.flatnonzero(~used[1:]) + 1
        following = int(free[np.argmin(least[free])])
        shift = least[following]
        of_row[owner[used]] += shift
        of_column[used] -= shift
        least[free] -= shift
        at = following
    while at:
        before = int(way[at])
        owner[at] = owner[before]
        at = before
