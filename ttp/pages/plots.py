"""Plots: figures laid out as points of inline SVG; the page shows the same numbers as a table beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttp.core.quality_desk import DayFlow

WIDTH, HEIGHT = 720, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 8, 10, 24
_ROW = 30
_FEWEST = 14


@dataclass(frozen=True, slots=True)
class Column:
    """One day: where its two bars stand."""

    x: float
    width: float
    came_y: float
    came_height: float
    decided_y: float
    decided_height: float
    label: str


@dataclass(frozen=True, slots=True)
class FlowPlot:
    """Arrivals and decisions by day, with the highest value of the scale."""

    columns: list[Column]
    highest: int
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Whisker:
    """An estimate with its interval, in pixels. ``value`` None: only the interval is known."""

    y: float
    low: float
    high: float
    value: float | None


@dataclass(frozen=True, slots=True)
class WhiskerPlot:
    """Intervals below each other on one scale of shares."""

    whiskers: list[Whisker]
    ticks: list[tuple[float, float]]
    height: float


def flow_plot(days: Sequence[DayFlow]) -> FlowPlot:
    """Two bars a day on one scale from zero, today at the right end, room for two weeks at least."""
    highest = max([1, *(max(day.came, day.decided) for day in days)])
    bottom = float(HEIGHT - _BOTTOM)
    slots = max(len(days), _FEWEST)
    step = (WIDTH - _LEFT - _RIGHT) / slots
    bar = min(step * 0.38, 18.0)

    def tall(count: int) -> float:
        return round(count / highest * (bottom - _TOP), 1)

    columns = [
        Column(
            round(_LEFT + step * (slots - len(days) + place) + (step - 2 * bar) / 2, 1),
            round(bar, 1),
            bottom - tall(day.came),
            tall(day.came),
            bottom - tall(day.decided),
            tall(day.decided),
            f"{day.day.day}.{day.day.month}." if place % max(len(days) // 7, 1) == 0 else "",
        )
        for place, day in enumerate(days)
    ]
    return FlowPlot(columns, highest, bottom, _TOP)


def whisker_plot(
    intervals: Sequence[tuple[float | None, float, float]],
    *,
    width: int = 420,
    lowest: float = 1.0,
) -> WhiskerPlot:
    """(value, low, high) of shares; the scale begins at a round share below the lowest bound and ends at 1.

    ``lowest``: that of another plot on the same scale.
    """
    lowest = min([lowest, *(low for _, low, _ in intervals)])
    start = next((one for one in (0.9, 0.8, 0.5, 0.0) if lowest >= one), -1.0)

    def place(share: float) -> float:
        return round(12 + (max(share, start) - start) / (1 - start) * (width - 24), 1)

    whiskers = [
        Whisker(
            _ROW * row + _ROW / 2,
            place(low),
            place(high),
            None if value is None else place(value),
        )
        for row, (value, low, high) in enumerate(intervals)
    ]
    ticks = [(place(share), share) for share in (start, (start + 1) / 2, 1.0)]
    return WhiskerPlot(whiskers, ticks, _ROW * len(intervals) + 22)
