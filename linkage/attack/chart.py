"""Chart: small drawings as SVG text; they need no program, no network, and follow light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log1p
from typing import Final

_WIDTH: Final = 640
_LEFT: Final = 190
_ROW: Final = 26
_STEP: Final = 20
_NAMES: Final = 440
STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--bar:#3465a4;--line:#555;--bad:#b3261e;--good:#1b7f3b}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--bar:#7aa7e0;--line:#bbb;--bad:#ff8a80;--good:#7bd88f}}
svg text{fill:var(--ink)}
.bar{fill:var(--bar)}.span{stroke:var(--ink);stroke-width:2}
.limit{stroke:var(--bad);stroke-width:2;stroke-dasharray:4 3}.axis{text-anchor:middle}
.good{fill:var(--good)}.bad{fill:var(--paper);stroke:var(--bad);stroke-width:2}.lead{stroke:var(--line);stroke-width:.5}
"""
"""Colors of drawings, on light and dark pages."""
_PAPER: Final = "svg{background:var(--paper);font:12px system-ui,sans-serif}"


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


def plane(
    title: str, x_name: str, y_name: str, dots: Sequence[Dot], *, logarithmic: bool = False
) -> str:
    """Dots between the smallest and largest values, their names in a column beside, the highest first.

    ``logarithmic``: x grows by its logarithm, 0 included, for what spans decades.
    """
    height = max(320, _STEP * len(dots) + 60)
    scale = log1p if logarithmic else float
    across = _Axis(_span([scale(dot.x) for dot in dots]), 60, _NAMES - 40)
    up = _Axis(_span([dot.y for dot in dots]), height - 50, 24)
    parts = [_head(title, height), f'<text x="4" y="14">{escape(y_name)}</text>']
    middle = (60 + _NAMES - 40) / 2
    parts.append(f'<text x="{middle:.0f}" y="{height - 6}" class="axis">{escape(x_name)}</text>')
    for mark in _marks(dots, logarithmic=logarithmic):
        x = across.at(scale(mark))
        parts.append(f'<text x="{x:.1f}" y="{height - 24}" class="axis">{mark:,.0f}</text>')
    heights = (up.span[0], sum(up.span) / 2, up.span[1])
    parts += [f'<text x="4" y="{up.at(y) + 4:.1f}">{y:.3f}</text>' for y in heights]
    ordered = sorted(dots, key=lambda dot: (-dot.y, dot.x))
    for place, dot in enumerate(ordered):
        parts.append(_dot(dot, across.at(scale(dot.x)), up.at(dot.y), 24 + _STEP * place))
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values between the ends of ``span``, drawn between ``start`` and ``stop``."""

    span: tuple[float, float]
    start: float
    stop: float

    def at(self, value: float) -> float:
        low, high = self.span
        return self.start + (value - low) / (high - low) * (self.stop - self.start)


def _dot(dot: Dot, x: float, y: float, name_y: float) -> str:
    """A dot, its name, and a thin line between the two."""
    kind = "good" if dot.good else "bad"
    return (
        f'<line class="lead" x1="{x:.1f}" y1="{y:.1f}" x2="{_NAMES - 4}" y2="{name_y:.1f}"/>'
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{_NAMES}" y="{name_y + 4:.1f}">{escape(dot.label)}</text>'
    )


def _marks(dots: Sequence[Dot], *, logarithmic: bool) -> list[float]:
    """Where the x axis is labeled: the ends, and between them what people read easily."""
    ends = _span([dot.x for dot in dots])
    if not logarithmic:
        return [ends[0], (ends[0] + ends[1]) / 2, ends[1]]
    return [mark for mark in (0.0, 1.0, 3.0, 10.0, 30.0, 100.0) if ends[0] <= mark <= ends[1]]


def standalone(drawing: str) -> str:
    """A drawing as a file of its own, readable on light and dark pages."""
    return drawing.replace("<title>", f"<style>{STYLE}{_PAPER}</style><title>", 1) + "\n"


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
