"""Matter to decide on: levels of agreement of every candidate pair, however the filters are laid out.

*Fields* and *views* give one column each: the Dice coefficient in levels between what unrelated
pairs reach and equality. *Salted views* give a column for each salt (1 differs, 2 agrees) and one
for each block of content: the mean Dice over the views whose salts agree; where none does, the
filters were made under different keys and say nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.candidates import pair_dice
from linkage.encode import EncodingSet
from linkage.encoded_score import Scored
from linkage.fellegi_sunter import Levels

BINS: Final = 12
_LOWEST: Final = 0.5
"""Dice below which contents of salted views are all called different."""

_AGREEING: Final = 3

Edges = Mapping[str, NDArray[np.float64]]
"""Per column, the similarities from which the levels 2, 3, … start."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What pairs are compared by.

    ``names`` and ``sizes`` (levels besides missing) of the columns; ``salts``: how many of them, at
    the front, are salts; ``edges`` of the others.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    salts: int
    edges: Edges


def salts_of(encodings: EncodingSet) -> tuple[str, ...]:
    """Names of the salted views of a set: tokens that stand before filters named `view.block`."""
    prefixes = {name.partition(".")[0] for name in encodings.filters if "." in name}
    return tuple(name for name in encodings.exact if name in prefixes)


def columns_of_views(unrelated: Sequence[Scored]) -> Columns:
    """Columns of fields or views; ``unrelated`` pairs show what is reached by chance."""
    names = tuple(unrelated[0].a.encodings.filters)
    edges = {
        name: _edges(np.concatenate([_view_dice(item, name)[0] for item in unrelated]))
        for name in names
    }
    return Columns(names, (BINS,) * len(names), 0, edges)


def columns_of_salted(encodings: EncodingSet) -> Columns:
    """Columns of salted views: their salts, then their blocks of content."""
    salts = salts_of(encodings)
    blocks = tuple(dict.fromkeys(name.partition(".")[2] for name in encodings.filters))
    bounds = np.append(np.linspace(_LOWEST, 1.0, BINS)[1:-1], 1.0 - 1e-9)
    edges = dict.fromkeys(blocks, bounds)
    sizes = (2,) * len(salts) + (BINS,) * len(blocks)
    return Columns((*salts, *blocks), sizes, len(salts), edges)


def levels_of(scored: Scored, columns: Columns) -> Levels:
    """Comparisons (pairs, columns) of candidate pairs; 0 is missing."""
    if not columns.salts:
        made = [_leveled(*_view_dice(scored, name), columns.edges[name]) for name in columns.names]
        return np.stack(made, axis=1)
    salts = columns.names[: columns.salts]
    agreeing = {name: _salt(scored, name) for name in salts}
    blocks = [
        _leveled(*_block_dice(scored, agreeing, block), columns.edges[block])
        for block in columns.names[columns.salts :]
    ]
    return np.stack([*agreeing.values(), *blocks], axis=1)


def likeness(levels: Levels, columns: Columns) -> NDArray[np.float64]:
    """A first score, before anything is learned: the levels of what is compared by likeness.

    Added up over the blocks of salted views, an agreeing salt counting three; the mean of the known
    ones over fields and views, where a missing one is no disagreement.
    """
    content = levels[:, columns.salts :].astype(np.int64)
    if columns.salts:
        agreeing = (levels[:, : columns.salts] == 2).sum(axis=1)
        return np.asarray(content.sum(axis=1) + _AGREEING * agreeing, dtype=np.float64)
    return np.asarray(content.sum(axis=1) / np.maximum((content > 0).sum(axis=1), 1))


def likely_from(columns: Columns) -> float:
    """Likeness from which two records are held to be one person when too few are there to learn."""
    return 0.6 * sum(columns.sizes[columns.salts :]) if columns.salts else 0.4 * BINS


def _leveled(
    dice: NDArray[np.float64], known: NDArray[np.bool_], edges: NDArray[np.float64]
) -> NDArray[np.int8]:
    reached = 1 + np.searchsorted(edges, dice, side="right")
    return np.where(known, reached, 0).astype(np.int8)


def _edges(unrelated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds from what nine in ten unrelated pairs stay under up to equality."""
    start = float(np.quantile(unrelated, 0.9)) if len(unrelated) else 0.5
    return np.append(np.linspace(min(start, 0.9), 1.0, BINS - 1)[:-1], 1.0 - 1e-9)


def _view_dice(scored: Scored, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Dice of one filter, and where both sides have it."""
    a, b, pairs = scored.a.encodings, scored.b.encodings, scored.pairs
    known = a.present[name][pairs.rows_a] & b.present[name][pairs.rows_b]
    return pair_dice(a.filters[name], b.filters[name], pairs.rows_a, pairs.rows_b), known


def _salt(scored: Scored, name: str) -> NDArray[np.int8]:
    left = scored.a.encodings.exact[name][scored.pairs.rows_a]
    right = scored.b.encodings.exact[name][scored.pairs.rows_b]
    return np.where((left != 0) & (right != 0), 1 + (left == right), 0).astype(np.int8)


def _block_dice(
    scored: Scored, agreeing: Mapping[str, NDArray[np.int8]], block: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean Dice of a block over the views whose salts agree, and where there is one."""
    a, b, pairs = scored.a.encodings, scored.b.encodings, scored.pairs
    total, count = np.zeros(len(pairs)), np.zeros(len(pairs))
    for salt, levels in agreeing.items():
        name = f"{salt}.{block}"
        if name not in a.filters:
            continue
        rows = np.flatnonzero(levels == 2)
        rows = rows[a.present[name][pairs.rows_a[rows]] & b.present[name][pairs.rows_b[rows]]]
        left, right = pairs.rows_a[rows], pairs.rows_b[rows]
        total[rows] += pair_dice(a.filters[name], b.filters[name], left, right)
        count[rows] += 1
    return total / np.maximum(count, 1), count > 0
