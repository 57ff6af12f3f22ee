"""Plain judgment: one filter per record by its Dice coefficient, fields by Fellegi-Sunter weights."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage import encoded_score, thresholds
from linkage.comparison import Comparison, source_of, thinned
from linkage.decide.verdict import Verdict, linked, workings
from linkage.encoded_score import Scored
from linkage.evidence import Evidence, evidence_of
from linkage.explain import Workings
from linkage.fellegi_sunter import Levels, Model
from linkage.thresholds import Threshold

_FALLBACK_BITS: Final = 15.0


def by_dice(work: Comparison) -> Verdict:
    """Score candidates between and inside sources by Dice, shifted by identifiers."""
    bits = encoded_score.slope([item.pairs for item in work.inside], work.floor)
    cross, work.inside = (
        [encoded_score.by_dice(item, bits_per_unit=bits) for item in group]
        for group in (work.cross, work.inside)
    )
    unrelated = np.concatenate([item.pairs.score for item in work.unrelated])
    chosen = _threshold(cross, work.inside, thresholds.fallback_for(unrelated))
    made = tuple(map(_dice_workings, work.cross, cross))
    return Verdict(cross, chosen, "dice", made, work.inside)


def by_fields(work: Comparison) -> Verdict:
    """Score candidates between and inside sources by the weights of their fields."""
    few = [thinned(item) for item in work.unrelated]
    scores = encoded_score.by_fields(work.cross, work.inside, few)
    chosen = _threshold(scores.cross, scores.inside, _FALLBACK_BITS)
    names = tuple(work.sides[0].encodings.filters)
    made = tuple(
        _field_workings(item, levels, scores.model, names)
        for item, levels in zip(scores.cross, scores.levels, strict=True)
    )
    return Verdict(scores.cross, chosen, "fellegi-sunter", made, scores.inside)


def _threshold(cross: Sequence[Scored], inside: Sequence[Scored], fallback: float) -> Threshold:
    within = {source_of(item.a): item.pairs.score for item in inside}
    evidence = [
        _evidence(item, [within[source_of(item.a)], within[source_of(item.b)]]) for item in cross
    ]
    return thresholds.choose(evidence, fallback=fallback)


def _evidence(item: Scored, within: list[NDArray[np.float64]]) -> Evidence:
    sizes = len(item.a), len(item.b)
    return evidence_of(item.pairs, linked(item), np.concatenate(within), sizes)


def _dice_workings(before: Scored, after: Scored) -> Workings:
    dice, score = before.pairs.score, after.pairs.score

    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.column_stack([dice[rows], score[rows] - dice[rows]])

    return workings(after, parts, ("dice", "identifier"))


def _field_workings(item: Scored, levels: Levels, model: Model, names: tuple[str, ...]) -> Workings:
    known = encoded_score.identifier_bits(item)

    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.column_stack([model.parts(levels[rows]), known[rows]])

    return workings(item, parts, (*names, "identifier"), levels=levels)
