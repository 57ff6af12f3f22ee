"""Kernel: exact all-pairs Dice on rows of 64-bit words; every engine gives the same pairs."""

from linkage.kernel.execution import MAX_PAIRS, Cancel, Progress
from linkage.kernel.layout import Words
from linkage.kernel.limits import Measure
from linkage.kernel.pairs import PairTable
from linkage.kernel.search import (
    Index,
    best_matches,
    build_index,
    pairs_above,
    self_pairs_above,
    warm,
)

__all__ = [
    "MAX_PAIRS",
    "Cancel",
    "Index",
    "Measure",
    "PairTable",
    "Progress",
    "Words",
    "best_matches",
    "build_index",
    "pairs_above",
    "self_pairs_above",
    "warm",
]
