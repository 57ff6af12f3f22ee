"""However filters lie, a comparison never does much more than comparing every pair in full would."""

from dataclasses import replace

import numpy as np
import pytest

from linkage.kernel import Words, pairs_above
from linkage.kernel.engine import LocalEngine, select
from linkage.kernel.layout import Fold, sort_rows
from linkage.kernel.limits import hamming_limits
from linkage.kernel.plan import choose_fold, cost, full_fold
from linkage.kernel.tiles import Comparison, Found, Tile
from tests.linkage.kernel.brute_force import random_filters

ROWS = 3000


def counting() -> tuple[LocalEngine, list[float]]:
    """An engine that tells what each scan cost it, planning included."""
    inner, spent = select("numba"), list[float]()

    def scan(work: Comparison, tile: Tile, most: int) -> Found | None:
        found = inner.scan(work, tile, most)
        assert found is not None
        share = (found.verified - len(found.rows_a)) / tile.pairs
        spent.append(tile.pairs * cost(inner.costs, work.at(tile).fold, share=share))
        return found

    return replace(inner, scan=scan, tile_pairs=1 << 14, threads=1), spent


def clustered() -> Words:
    """A few hundred rows around one filter among many far from it and from each other."""
    rows = random_filters(1, ROWS, bits=1024, fill=0.4)
    center = random_filters(2, 1, bits=1024, fill=0.5)
    rows[:: ROWS // 300] = center ^ random_filters(
        3, len(rows[:: ROWS // 300]), bits=1024, fill=0.2
    )
    return rows


def repeated() -> Words:
    """Rows that differ in their first words alone: folds see next to nothing of them."""
    rows = np.repeat(random_filters(4, 1, bits=1024), ROWS, axis=0)
    rows[:, :4] = random_filters(5, ROWS)
    return rows


FILTERS = {
    "nearly empty": (random_filters(9, ROWS, bits=1024, fill=0.1), [0.3, 0.5, 0.95]),
    "as records are": (random_filters(9, ROWS, bits=1024, fill=0.3), [0.45, 0.6, 0.75, 0.85, 0.95]),
    "half full": (random_filters(9, ROWS, bits=1024, fill=0.5), [0.6, 0.7, 0.85]),
    "nearly full": (random_filters(9, ROWS, bits=1024, fill=0.8), [0.9, 0.95]),
    "one cluster among strangers": (clustered(), [0.5, 0.6, 0.7, 0.85]),
    "alike but for the first words": (repeated(), [0.85, 0.9, 0.95]),
}
CASES = [(name, threshold) for name, (_, limits) in FILTERS.items() for threshold in limits]


@pytest.mark.parametrize(("name", "threshold"), CASES)
def test_no_comparison_costs_more_than_a_quarter_above_brute_force(
    name: str, threshold: float
) -> None:
    """The cost of what the switch to brute force comes too late for, four tiles, is allowed for."""
    rows = FILTERS[name][0]
    engine, spent = counting()
    pairs_above(rows, rows, threshold, engine=engine)
    full = cost(engine.costs, full_fold(sort_rows(rows)), share=0.0)
    late = 4 * (1 << 14) * (engine.costs.verify + engine.costs.again * full)
    assert sum(spent) <= ROWS * ROWS * full / 0.8 + late


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_folding_is_chosen_where_it_pays_and_left_where_it_does_not(engine: str) -> None:
    chosen = select(engine)
    sparse, dense = (
        sort_rows(random_filters(1, 1200, bits=1024, fill=fill)) for fill in (0.3, 0.5)
    )
    narrow = choose_fold(chosen, sparse, sparse, hamming_limits(0.85, 1024))
    wide = choose_fold(chosen, dense, dense, hamming_limits(0.55, 1024))
    assert narrow.words <= 8
    assert wide.words >= 14


def test_few_pairs_are_compared_without_a_plan() -> None:
    few = sort_rows(random_filters(1, 900, bits=1024))
    assert choose_fold(select("numba"), few, few, hamming_limits(0.85, 1024)) == Fold(0, 16)
