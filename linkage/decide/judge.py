"""Judge: encoded sources are compared, and their candidates get scores, threshold and workings.

One filter per record is judged by its Dice coefficient; fields by Fellegi-Sunter weights; views and
salted views by the scorer that was taught for a shipped schema, and under any other schema by one that
trains itself (boosting unless another is asked for).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage import candidates as finding
from linkage.comparison import Comparison, Search, thinned
from linkage.decide import matter, plain
from linkage.decide.doubles import doubles, once
from linkage.decide.search import ByTokens, ByViews
from linkage.decide.selftrain import Field, Judged, Scorer, ScorerKind, judged, start, train
from linkage.decide.taught import taught_for
from linkage.decide.verdict import Verdict, workings
from linkage.encode import EncodingSet
from linkage.explain import Workings
from linkage.kernel import Progress
from linkage.kernel.engine import Engine
from linkage.schema import Layout
from linkage.thresholds import Threshold

_FALLBACK_BITS: Final = 0.0
_AGAIN: Final = 2
"""Rounds in which duplicates that were found teach no more that one person's records differ."""


class Shape(StrEnum):
    """How a set's filters are to be compared."""

    WHOLE = "whole"
    FIELDS = "fields"
    VIEWS = "views"
    SALTED = "salted"


def shape_of(encodings: EncodingSet) -> Shape:
    """The shape of a set, from its layout and its filters."""
    if matter.salts_of(encodings):
        return Shape.SALTED
    if encodings.schema.layout is Layout.FIELD:
        return Shape.FIELDS
    return Shape.VIEWS if len(encodings.filters) > 1 else Shape.WHOLE


def compare_and_judge(
    sets: Sequence[EncodingSet],
    *,
    engine: str | Engine,
    progress: Progress | None,
    scorer: ScorerKind | None,
    highest_floor: float,
    duplicates: Collection[str] = (),
) -> tuple[Comparison, Verdict]:
    """Compare sources of one shape and judge their candidates, by ``scorer`` where one is asked for.

    ``duplicates`` names the sources that may hold a person several times. ``highest_floor``: Dice
    from which pairs are candidates at the latest, for one filter per record.
    """
    shape = shape_of(sets[0])
    if shape in {Shape.VIEWS, Shape.SALTED}:
        work = compare(sets, shape, engine, progress)
        return work, learned(work, shape, scorer or ScorerKind.TAUGHT, duplicates=duplicates)
    work = Comparison([finding.side(item) for item in sets], engine, progress)
    work.look_between(highest_floor=highest_floor)
    work.look_inside()
    if shape is Shape.WHOLE:
        return work, plain.by_dice(work)
    if scorer is None:
        return work, plain.by_fields(work)
    return work, learned(work, shape, scorer, duplicates=duplicates)


def compare(
    sets: Sequence[EncodingSet], shape: Shape, engine: str | Engine, progress: Progress | None
) -> Comparison:
    """Candidates between and inside sources of views or salted views."""
    sides = [finding.apart(item) for item in sets]
    views = ByViews(engine)
    search: Search = ByTokens() if shape is Shape.SALTED else views
    work = Comparison(sides, engine, progress, search)
    if shape is Shape.VIEWS:
        work.draw_unrelated()
        views.prepare(sides, [item.pairs for item in work.unrelated])
        work.floor = min(views.floors.values())
    work.look_between()
    work.look_inside()
    return work


def learned(
    work: Comparison, shape: Shape, kind: ScorerKind, *, duplicates: Collection[str] = ()
) -> Verdict:
    """Judge views, salted views or fields by a scorer that trains itself.

    Where there are too few links to learn from, likeness alone decides.
    """
    if shape is Shape.SALTED:
        columns = matter.columns_of_salted(work.sides[0].encodings)
    else:
        columns = matter.columns_of_views([thinned(item) for item in work.unrelated])
    return verdict_of(
        _field(work, columns, salted=shape is Shape.SALTED), kind, duplicates=duplicates
    )


def verdict_of(field: Field, kind: ScorerKind, *, duplicates: Collection[str] = ()) -> Verdict:
    """Train a scorer on candidates and judge them by it; by likeness when too few can teach it.

    Where sources hold ``duplicates``, what they are found to hold twice is taken for once, and the
    scorer and the threshold are learned again from the rest.
    """
    if kind is ScorerKind.TAUGHT and field.taught is None:
        kind = ScorerKind.BOOSTING
    field = start(field)
    verdict = _learned(field, field, kind)
    for _ in range(_AGAIN if duplicates else 0):
        verdict = _learned(field, once(field, doubles(verdict, duplicates)), kind)
    return verdict


def _learned(field: Field, taught: Field, kind: ScorerKind) -> Verdict:
    """Scores of all of ``field`` by what its part ``taught`` teaches."""
    columns, scorer = field.columns, train(taught, kind)
    if scorer is None:
        chosen = taught.threshold(fallback=matter.likely_from(columns))
        found = tuple(_likeness_workings(item) for item in field.cross)
        return _verdict(field, chosen, "likeness", found)
    field, taught = field.by(scorer), taught.by(scorer)
    chosen = taught.threshold(fallback=_FALLBACK_BITS, taught=kind is ScorerKind.TAUGHT)
    found = tuple(_workings(item, columns.names, scorer) for item in field.cross)
    return _verdict(field, chosen, str(kind), found)


def _verdict(field: Field, chosen: Threshold, scorer: str, found: tuple[Workings, ...]) -> Verdict:
    cross, inside = ([item.scored for item in group] for group in (field.cross, field.inside))
    return Verdict(cross, chosen, scorer, found, inside)


def _field(work: Comparison, columns: matter.Columns, *, salted: bool) -> Field:
    cross, inside = (
        [judged(item, matter.levels_of(item, columns)) for item in group]
        for group in (work.cross, work.inside)
    )
    return Field(cross, inside, columns, salted, taught_for(work.sides[0].encodings.schema))


def _workings(item: Judged, columns: tuple[str, ...], scorer: Scorer) -> Workings:
    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.column_stack([scorer.parts(item.levels[rows]), item.known[rows]])

    made = workings(item.scored, parts, (*columns, "identifier"), levels=item.levels)
    return replace(made, base=scorer.base)


def _likeness_workings(item: Judged) -> Workings:
    def parts(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        whole = item.scored.pairs.score[rows]
        return np.column_stack([whole - item.known[rows], item.known[rows]])

    return workings(item.scored, parts, ("likeness", "identifier"))
