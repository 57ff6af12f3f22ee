"""Limits of the number of set bits, carried through hardening step by step.

Each step turns a share of set bits into another, on average; eight standard deviations are left to chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

from linkage.schema import (
    Balance,
    Diffusion,
    Fold,
    Hardening,
    JavaBalance,
    Permutation,
    RandomizedResponse,
)

_SPREAD = 8
_GRID = 64
_NEIGHBORS = 2
"""Rule 90 joins two."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The fewest and the most set bits of a filter that holds anything."""

    least: int
    most: int


def hardened(found: Limits, bits: int, steps: Sequence[Hardening]) -> Limits:
    """Limits after all steps, of filters of `bits` with limits `found` before."""
    for step in steps:
        found = _after(found, bits, step)
        bits = step.output_bits(bits)
    return found


def _after(found: Limits, bits: int, step: Hardening) -> Limits:
    if isinstance(step, Balance):
        return Limits(bits, bits)
    if isinstance(step, JavaBalance):
        return Limits(step.length, step.length)
    if isinstance(step, Permutation):
        return found
    made = (step.length or bits) // step.parts if isinstance(step, Fold) else bits
    shares = [
        _share(found.least / bits + (found.most - found.least) / bits * place / _GRID, step)
        for place in range(_GRID + 1)
    ]
    spread = _SPREAD * sqrt(made) / 2 + 1
    least = max(1, floor(min(shares) * made - spread))
    return Limits(least, min(made - 1, ceil(max(shares) * made + spread)))


def _share(share: float, step: Hardening) -> float:
    """Expected share of set bits after a step; of a XOR of t bits it is (1 - (1 - 2 share)^t) / 2."""
    if isinstance(step, RandomizedResponse):
        flip = step.threshold / 65_536
        return share * (1 - flip) + (1 - share) * flip
    return (1 - (1 - 2 * share) ** _joined(step)) / 2


def _joined(step: Hardening) -> int:
    if isinstance(step, Diffusion):
        return step.t
    return step.parts if isinstance(step, Fold) else _NEIGHBORS
