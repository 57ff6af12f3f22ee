"""Forecast: when a backlog will be worked off if people and arrivals go on as in the last weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean, stdev

from ttp.core.agreement import Z95

FEWEST_DAYS = 3
"""With fewer days observed nothing is foretold."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Arrivals and decisions a day, and the days until nothing waits.

    ``soonest`` and ``latest`` come from the ends of the 95 % interval of the mean daily decrease. None: at that pace
    the backlog never ends; all None and ``days_seen`` small: too little is known.
    """

    waiting: int
    days_seen: int
    came: float
    decided: float
    days: int | None
    soonest: int | None
    latest: int | None


def forecast(waiting: int, days: Sequence[tuple[int, int]]) -> Forecast:
    """The forecast for ``waiting`` cases from (came, decided) of each day observed, quiet days included."""
    came = fmean(day[0] for day in days) if days else 0.0
    decided = fmean(day[1] for day in days) if days else 0.0
    if waiting == 0:
        return Forecast(0, len(days), came, decided, 0, 0, 0)
    if len(days) < FEWEST_DAYS:
        return Forecast(waiting, len(days), came, decided, None, None, None)
    decrease = [out - into for into, out in days]
    mean, half = fmean(decrease), Z95 * stdev(decrease) / sqrt(len(decrease))
    ends = (mean, mean + half, mean - half)
    expected, soonest, latest = (ceil(waiting / pace) if pace > 0 else None for pace in ends)
    return Forecast(waiting, len(days), came, decided, expected, soonest, latest)
