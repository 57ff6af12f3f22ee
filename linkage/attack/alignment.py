"""Alignment: turn one side's coordinates until they lie on the other's; the nearest is the guess.

Two keys give the same population two rotated pictures. The rotation is found without any known
pair: from the signatures, or from paired independent components; then by turns of transport and
rotation. A field must not vote for itself: the rotation is refitted on pairs that were found
without one field, since permuted digits of a date are a consistent wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from linkage.attack.columns import Matrix
from linkage.attack.components import independent, paired
from linkage.attack.transport import cosine, mutual, rotation, sinkhorn, without_hubs

ROUNDS: Final = 20
_REFITS: Final = (5, 9, 13, 17)
_WARM, _COLD = 0.1, 0.03


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the attacker looks at: whitened coordinates of the known and of the encoded side.

    ``known`` (a, d), ``without`` the known side once more per field that was left out, ``target``
    (b, d), ``prior`` (a, b) likeness of signatures.
    """

    known: Matrix
    without: Sequence[Matrix]
    target: Matrix
    prior: Matrix


@dataclass(frozen=True, slots=True)
class Aligned:
    """A final rotation and its scores: ``score`` (a, b); ``own``: pairs (row, column) all drop-outs agree on."""

    score: Matrix
    own: frozenset[tuple[int, int]]


def from_signatures(pictures: Pictures, tick: Callable[[], None]) -> Aligned:
    """Start with the transport that the signatures suggest."""
    plan = sinkhorn(pictures.prior.copy(), 0.05)
    return _aligned(pictures, plan, 0.3, tick)


def from_components(
    pictures: Pictures, rng: np.random.Generator, tick: Callable[[], None]
) -> Aligned:
    """Start with paired independent components."""
    a, b = independent(pictures.known, rng), independent(pictures.target, rng)
    score = cosine(a, b[:, paired(a, b)])
    score += pictures.prior
    return _aligned(pictures, sinkhorn(score, 0.05), 1.0, tick)


def _aligned(pictures: Pictures, plan: Matrix, trust: float, tick: Callable[[], None]) -> Aligned:
    turn = rotation(pictures.known, plan @ pictures.target)
    for step in range(ROUNDS):
        if step in _REFITS:
            turn = _refitted(pictures, turn)
        share = step / (ROUNDS - 1)
        score = cosine(pictures.known @ turn, pictures.target)
        if share < 1:
            score += np.float32(trust * (1 - share)) * pictures.prior
        plan = sinkhorn(score, _WARM * (_COLD / _WARM) ** share)
        turn = rotation(pictures.known, plan @ pictures.target)
        tick()
    del plan, score
    own = _agreed(pictures, turn)
    return Aligned(without_hubs(cosine(pictures.known @ turn, pictures.target)), own)


def _refitted(pictures: Pictures, turn: Matrix) -> Matrix:
    """Rotation from the surest third of the pairs that each picture without one field finds."""
    rows, columns = [], []
    for picture in pictures.without:
        found, best, score = mutual(cosine(picture @ turn, pictures.target))
        surest = np.argsort(-score, kind="stable")[: max(len(score) // 3, 1)]
        rows.append(found[surest])
        columns.append(best[surest])
    if not rows:
        return turn
    all_rows, all_columns = np.concatenate(rows), np.concatenate(columns)
    return rotation(pictures.known[all_rows], pictures.target[all_columns])


def _agreed(pictures: Pictures, turn: Matrix) -> frozenset[tuple[int, int]]:
    """Pairs that every picture without one field finds: success as the attacker sees it."""
    common: set[tuple[int, int]] | None = None
    for picture in pictures.without:
        rows, columns, _ = mutual(cosine(picture @ turn, pictures.target))
        pairs = set(zip(rows.tolist(), columns.tolist(), strict=True))
        common = pairs if common is None else common & pairs
    return frozenset(common or ())
