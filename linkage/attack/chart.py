"""Chart: small drawings as SVG text; they need no program, no network, and follow light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 640
_LEFT: Final = 190
_ROW: Final = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart of shares, with the ends of its interval and the limit it is held to."""

    label: str
    value: float
    low: float
    high: float
    limit: float | None = None


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars from 0 to 1 with intervals as lines and limits as ticks."""
    height = _ROW * len(rows) + 34
    parts = [_head(title, height)]
    for place, row in enumerate(rows):
        y = 8 + place * _ROW
        x = [_across(part) for part in (row.value, row.low, row.high)]
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(row.label)}</text>',
            f'<rect class="bar" x="{_LEFT}" y="{y}" width="{x[0] - _LEFT:.1f}" height="16"/>',
            f'<line class="span" x1="{x[1]:.1f}" x2="{x[2]:.1f}" y1="{y + 8}" y2="{y + 8}"/>',
        ]
        if row.limit is not None:
            at = _across(row.limit)
            parts.append(
                f'<line class="limit" x1="{at:.1f}" x2="{at:.1f}" y1="{y - 3}" y2="{y + 19}"/>'
            )
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<text x="{_across(mark):.0f}" y="{height - 8}" class="axis">{mark:g}</text>')
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class Dot:
    """One candidate in a plane; ``good`` ones are drawn full."""

    label: str
    x: float
    y: float
    good: bool


def plane(title: str, x_name: str, y_name: str, dots: Sequence[Dot]) -> str:
    """Dots with their labels between the smallest and largest values."""
    height = 320
    spans = [_span([dot.x for dot in dots]), _span([dot.y for dot in dots])]
    parts = [_head(title, height)]
    parts.append(
        f'<text x="{_WIDTH / 2:.0f}" y="{height - 4}" class="axis">{escape(x_name)}</text>'
    )
    parts.append(f'<text x="4" y="14">{escape(y_name)}</text>')
    for dot in dots:
        x = 60 + (dot.x - spans[0][0]) / (spans[0][1] - spans[0][0]) * (_WIDTH - 200)
        y = height - 40 - (dot.y - spans[1][0]) / (spans[1][1] - spans[1][0]) * (height - 80)
        kind = "good" if dot.good else "bad"
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}">{escape(dot.label)}</text>')
    return "".join([*parts, "</svg>"])


def scree(title: str, values: Sequence[float], edge: float) -> str:
    """Falling variances as columns, and the edge of noise as a line."""
    height, top = 180, max([*values, edge, 1e-12])
    step = (_WIDTH - 60) / max(len(values), 1)
    parts = [_head(title, height)]
    for place, value in enumerate(values):
        tall = value / top * (height - 40)
        parts.append(
            f'<rect class="bar" x="{40 + place * step:.1f}" y="{height - 20 - tall:.1f}" '
            f'width="{max(step - 1, 0.5):.1f}" height="{tall:.1f}"/>'
        )
    y = height - 20 - edge / top * (height - 40)
    parts.append(f'<line class="limit" x1="40" x2="{_WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}"/>')
    return "".join([*parts, "</svg>"])


def _head(title: str, height: int) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>"
    )


def _across(share: float) -> float:
    return _LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - 20)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
