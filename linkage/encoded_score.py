"""Scores of encoded pairs: the Dice coefficient, or bits of evidence where fields stand apart.

An equal keyed identifier speaks strongly for one person (+25 bits), a different one against it
(-6.6 bits, since numbers are mistyped and mixed up), a missing one says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.candidates import Side, pair_dice
from linkage.fellegi_sunter import Levels, Model, fit
from linkage.kernel import PairTable

EQUAL_BITS: Final = 25.0
DIFFERENT_BITS: Final = -6.6
IDENTIFIERS: Final = frozenset({"kvnr"})
"""Exact tokens that name a person; other tokens only find candidates."""
BINS: Final = 8
_DEFAULT_SLOPE: Final = 80.0


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidate pairs of two sides (or of one with itself) with the score that is judged.

    ``alike`` (pairs) tells which of two equal scores comes first, where the score does not say all.
    """

    a: Side
    b: Side
    pairs: PairTable
    alike: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class FieldScores:
    """Candidates between and inside sources scored by ``model``, with the former's ``levels``."""

    cross: list[Scored]
    inside: list[Scored]
    levels: list[Levels]
    model: Model


def identifier_bits(scored: Scored) -> NDArray[np.float64]:
    """Evidence of the identifiers in bits, per pair."""
    bits = np.zeros(len(scored.pairs))
    for name in sorted(IDENTIFIERS & scored.a.encodings.exact.keys()):
        left = scored.a.encodings.exact[name][scored.pairs.rows_a]
        right = scored.b.encodings.exact[name][scored.pairs.rows_b]
        known = (left != 0) & (right != 0)
        bits += np.where(known, np.where(left == right, EQUAL_BITS, DIFFERENT_BITS), 0.0)
    return bits


def slope(within: Sequence[PairTable], floor: float) -> float:
    """Bits a unit of Dice is worth, from how fast look-alikes inside the sites thin out.

    Above the floor their number falls roughly exponentially; the mean excess gives the rate.
    """
    scores = np.concatenate([np.empty(0), *(pairs.score for pairs in within)])
    if len(scores) < 100:
        return _DEFAULT_SLOPE
    excess = max(float(np.median(scores) - floor), 1e-3)
    return float(np.clip(1.0 / excess, 40.0, 400.0))


def by_dice(scored: Scored, *, bits_per_unit: float) -> Scored:
    """Dice plus the identifiers' evidence converted to Dice, kept within 0 and 1; of equals the more alike first."""
    dice = scored.pairs.score
    shift = identifier_bits(scored) / bits_per_unit
    made = _with_score(scored, np.clip(dice + shift, 0.0, 1.0))
    return replace(made, alike=dice)


def by_fields(
    cross: Sequence[Scored], inside: Sequence[Scored], unrelated: Sequence[Scored]
) -> FieldScores:
    """Bits of evidence from every filter (Fellegi-Sunter, fitted on the candidates) and identifier."""
    names = list(cross[0].a.encodings.filters)
    edges = {
        name: _edges(np.concatenate([_field_dice(item, name)[0] for item in unrelated]))
        for name in names
    }
    levels = {id(item): _levels(item, edges) for item in (*cross, *inside, *unrelated)}
    model = _fit(cross, levels, np.concatenate([levels[id(item)] for item in unrelated]))
    scored = [
        [_with_score(item, model.score(levels[id(item)]) + identifier_bits(item)) for item in group]
        for group in (cross, inside)
    ]
    return FieldScores(scored[0], scored[1], [levels[id(item)] for item in cross], model)


def _fit(cross: Sequence[Scored], levels: Mapping[int, Levels], unrelated: Levels) -> Model:
    candidates = np.concatenate([levels[id(item)] for item in cross])
    score = np.concatenate([item.pairs.score for item in cross])
    known = np.concatenate([identifier_bits(item) for item in cross])
    count = min(min(len(item.a), len(item.b)) for item in cross)
    cut = np.sort(score)[-min(len(score), max(count // 2, 1))] if len(score) else 1.0
    likely = ((score >= cut) | (known > 0)) & (known >= 0)
    return fit(candidates, unrelated, (BINS,) * candidates.shape[1], likely=likely)


def _field_dice(scored: Scored, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    a, b, pairs = scored.a.encodings, scored.b.encodings, scored.pairs
    known = a.present[name][pairs.rows_a] & b.present[name][pairs.rows_b]
    return pair_dice(a.filters[name], b.filters[name], pairs.rows_a, pairs.rows_b), known


def _edges(unrelated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds between the levels: from what two thirds of unrelated pairs stay under up to equality."""
    start = float(np.quantile(unrelated, 0.67)) if len(unrelated) else 0.3
    return np.append(np.linspace(min(start, 0.9), 1.0, BINS - 1)[:-1], 1.0 - 1e-9)


def _levels(scored: Scored, edges: Mapping[str, NDArray[np.float64]]) -> Levels:
    columns = []
    for name, bounds in edges.items():
        score, known = _field_dice(scored, name)
        columns.append(np.where(known, 1 + np.searchsorted(bounds, score, side="right"), 0))
    return np.stack(columns, axis=1).astype(np.int8)


def _with_score(scored: Scored, score: NDArray[np.float64]) -> Scored:
    old = scored.pairs
    pairs = PairTable(old.rows_a, old.rows_b, score, old.engine, old.compared, old.width)
    return Scored(scored.a, scored.b, pairs)
