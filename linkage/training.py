"""Training: weights for records in clear, estimated from records alone, without any truth."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from linkage import candidates as finding
from linkage.clear import encoded_sides, levels_of, prepared
from linkage.comparators import Level
from linkage.fellegi_sunter import as_table, fit
from linkage.kernel import pairs_above
from linkage.records import RecordTable
from linkage.score import FIELDS, Parameters

KVNR: Final[Mapping[int, float]] = {1: -6.6, 3: 8.0, 6: 25.0}
"""Insurance numbers are set, not estimated: made-up ones are never wrong, real ones are."""
HOUSEHOLD: Final = -18.0
_UNRELATED: Final = 100_000


def estimate(
    first: RecordTable, second: RecordTable, *, name: str, match_at: float, possible_at: float
) -> Parameters:
    """Weight table of two tables that share patients; the thresholds are the caller's.

    Matches among the candidates are guessed from their likeness at first and then by the model.
    """
    left, right = encoded_sides([first, second])
    rows_a, rows_b = finding.unrelated_pairs(left, right)
    alike = finding.pair_dice(left.whole, right.whole, rows_a, rows_b)
    pairs = pairs_above(
        left.whole, right.whole, finding.floor_for(alike, max(len(left), len(right)))
    )
    drawn = np.random.default_rng(1).choice(
        len(rows_a), min(_UNRELATED, len(rows_a)), replace=False
    )
    records = prepared(first), prepared(second)
    some = list(zip(rows_a[drawn].tolist(), rows_b[drawn].tolist(), strict=True))
    close = list(zip(pairs.rows_a.tolist(), pairs.rows_b.tolist(), strict=True))
    sizes = tuple(len(levels) for levels in FIELDS.values())
    likely = pairs.score >= 0.8
    model = fit(levels_of(close, *records), levels_of(some, *records), sizes, likely=likely)
    fields = {field: tuple(map(int, levels)) for field, levels in FIELDS.items()}
    weights = as_table(model, fields) | {"kvnr": dict(KVNR)}
    for field in ("given_name", "surname"):  # exchanged names are one observation, seen twice
        weights[field][Level.SWAPPED] = round(weights[field][Level.SWAPPED] / 2, 2)
    return Parameters(name, weights, HOUSEHOLD, match_at, possible_at)
