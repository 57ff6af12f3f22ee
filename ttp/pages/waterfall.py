"""The waterfall: every weight starts where the one above ended; the last bar is their sum, beside the thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 300
HEIGHT = 26
_MARGIN = 8
_LEAST = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in pixels. ``sign``: ``plus``, ``minus`` or ``none``; ``joint`` is where the next bar begins."""

    left: float
    width: float
    sign: str
    joint: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Bars on one scale, in the order of the weights, with the positions of zero and of both thresholds."""

    bars: list[Bar]
    total: Bar
    zero: float
    possible: float
    match: float


def waterfall(weights: Sequence[float], *, possible_at: float, match_at: float) -> Waterfall:
    """Lay out weights (bits) and their sum on a scale that holds every step, zero and both thresholds."""
    ends: list[float] = [0.0]
    for weight in weights:
        ends.append(ends[-1] + weight)
    low, high = min(0.0, possible_at, *ends), max(0.0, match_at, *ends)

    def place(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1)

    bars = [_bar(place(start), place(end)) for start, end in pairwise(ends)]
    total = _bar(place(0.0), place(ends[-1]))
    return Waterfall(bars, total, place(0.0), place(possible_at), place(match_at))


def _bar(start: float, end: float) -> Bar:
    sign = "plus" if end > start else "minus" if end < start else "none"
    return Bar(min(start, end), max(abs(end - start), _LEAST), sign, end)
