"""Kernel: exact all-pairs comparison of rows of 64-bit words; every engine gives the same pairs."""

from linkage.kernel.execution import MAX_PAIRS, Cancel, Progress
from linkage.kernel.layout import Words
from linkage.kernel.limits import Measure
from linkage.kernel.pairs import PairTable
from linkage.kernel.ranking import best_per_row
from linkage.kernel.search import (
    Index,
    best_matches,
    build_index,
    pairs_above,
    self_pairs_above,
    warm,
)
from linkage.kernel.summed import View, summed_pairs

__all__ = [
    "MAX_PAIRS",
    "Cancel",
    "Index",
    "Measure",
    "PairTable",
    "Progress",
    "View",
    "Words",
    "best_matches",
    "best_per_row",
    "build_index",
    "pairs_above",
    "self_pairs_above",
    "summed_pairs",
    "warm",
]
