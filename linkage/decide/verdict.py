"""Verdict: candidates with their scores, the threshold, and the workings that explain each score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.candidates import Side
from linkage.classify import one_to_one
from linkage.comparison import source_of
from linkage.encoded_score import Scored
from linkage.explain import Workings
from linkage.thresholds import Threshold


@dataclass(frozen=True, slots=True)
class Verdict:
    """Scored candidates, the threshold, what scored them (`likeness` when nothing was learned).

    ``inside``: look-alikes inside each source on the same scale, where they were looked for.
    """

    cross: Sequence[Scored]
    threshold: Threshold
    scorer: str
    workings: tuple[Workings, ...]
    inside: Sequence[Scored] = ()


def linked(scored: Scored) -> NDArray[np.bool_]:
    """Which pairs a one-to-one selection by score would take."""
    keys, chosen = (
        (pairs.rows_a.astype(np.int64) << 32) | pairs.rows_b
        for pairs in (scored.pairs, one_to_one(scored.pairs, alike=scored.alike))
    )
    return np.isin(keys, chosen)


def scores_alone(item: Scored) -> Workings:
    """The workings of scored candidates of which no summand is shown."""
    return workings(item, lambda rows: item.pairs.score[rows][:, None], ("score",))


def workings(
    item: Scored,
    parts: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    columns: tuple[str, ...],
    *,
    levels: NDArray[np.int8] | None = None,
) -> Workings:
    """The workings of scored candidates, from a function that gives the summands of chosen ones."""
    a, b, pairs = item.a, item.b, item.pairs
    return Workings(
        sources=(source_of(a), source_of(b)),
        ids_a=_ids(a),
        ids_b=_ids(b),
        rows_a=pairs.rows_a,
        rows_b=pairs.rows_b,
        score=pairs.score,
        links=linked(item),
        columns=columns,
        base=0.0,
        levels=levels,
        parts=parts,
    )


def _ids(side: Side) -> Sequence[str]:
    return side.encodings.record_ids
