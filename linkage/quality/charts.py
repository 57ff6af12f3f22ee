"""Charts: small drawings as inline SVG, without scripts; colors come from the page's style.

Every drawing has a title and a description for those who cannot see it; the page adds the numbers.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 12, 32
_ROW: Final = 22
_LABELS: Final = 150

Bars = Sequence[tuple[str, Sequence[float]]]
"""Series of bars: the class that colors them, and their heights."""


def histogram(edges: Sequence[float], series: Bars, mark: float, title: str, text: str) -> str:
    """Stacked bars between ``edges`` with a mark; heights are drawn by their square root."""
    tops = [sum(heights) for heights in zip(*(heights for _, heights in series), strict=True)]
    highest = max(max(tops, default=0.0), 1.0) ** 0.5
    across = _Scale(edges[0], edges[-1], _LEFT, WIDTH - _RIGHT)
    drawn = []
    for place in range(len(edges) - 1):
        below = 0.0
        for kind, heights in series:
            low, high = (_up(value**0.5 / highest) for value in (below, below + heights[place]))
            below += heights[place]
            x, end = across(edges[place]), across(edges[place + 1])
            drawn.append(_box(kind, x, high, max(end - x - 1, 0.5), low - high))
    drawn.append(_mark(across(mark)))
    return _svg(drawn + _axis(edges[0], edges[-1]), HEIGHT, title, text)


def lines(xs: Sequence[float], series: Bars, mark: float, title: str, text: str) -> str:
    """Lines of values between 0 and 1 over ``xs``, with a mark."""
    across = _Scale(xs[0], xs[-1], _LEFT, WIDTH - _RIGHT)
    drawn = []
    for kind, values in series:
        points = " ".join(
            f"{across(x):.1f},{_up(value):.1f}" for x, value in zip(xs, values, strict=True)
        )
        drawn.append(f'<polyline class="line {escape(kind)}" points="{points}"/>')
    drawn.append(_mark(across(mark)))
    return _svg(drawn + _axis(xs[0], xs[-1]), HEIGHT, title, text)


def waterfall(base: float, parts: Sequence[tuple[str, float]], title: str, text: str) -> str:
    """Steps from ``base`` through every part to the total, one row each."""
    sums, total = [base], base
    for _, weight in parts:
        total += weight
        sums.append(total)
    across = _Scale(min(0.0, *sums), max(0.0, *sums), _LABELS, WIDTH - 70)
    rows = [("start", 0.0, base), *_steps(base, parts), ("total", 0.0, total)]
    drawn = [f'<line class="axis" x1="{across(0):.1f}" x2="{across(0):.1f}" y1="0" y2="100%"/>']
    for row, (name, before, after) in enumerate(rows):
        left, right = sorted((across(before), across(after)))
        kind = "sum" if name in {"start", "total"} else ("for" if after >= before else "against")
        y = row * _ROW + 4
        drawn.append(_box(kind, left, y, max(right - left, 1), _ROW - 6))
        drawn.append(
            f'<text x="{_LABELS - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
        )
        drawn.append(f'<text x="{right + 6:.1f}" y="{y + 12}">{after - before:+.1f}</text>')
    return _svg(drawn, len(rows) * _ROW + 8, title, text)


def _steps(base: float, parts: Sequence[tuple[str, float]]) -> list[tuple[str, float, float]]:
    made = []
    for name, weight in parts:
        made.append((name, base, base + weight))
        base += weight
    return made


class _Scale:
    """A linear map of values to places on the drawing."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._start = low, start
        self._factor = (end - start) / (high - low if high > low else 1.0)

    def __call__(self, value: float) -> float:
        """Place of a value, kept within the drawing."""
        return min(max(self._start + (value - self._low) * self._factor, 0.0), WIDTH)


def _up(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _BOTTOM - _TOP)


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}"'
    return f'<rect class="{escape(kind)}" {where}/>'


def _mark(x: float) -> str:
    return f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>'


def _axis(low: float, high: float) -> list[str]:
    bottom = HEIGHT - _BOTTOM
    across = _Scale(low, high, _LEFT, WIDTH - _RIGHT)
    ends = f'x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{bottom}" y2="{bottom}"'
    ticks = [low + (high - low) * place / 4 for place in range(5)]
    texts = [
        f'<text x="{across(tick):.1f}" y="{HEIGHT - 10}" text-anchor="middle">{tick:.3g}</text>'
        for tick in ticks
    ]
    return [f'<line class="axis" {ends}/>', *texts]


def _svg(drawn: Sequence[str], height: int, title: str, text: str) -> str:
    head = f'<svg role="img" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">'
    return f"{head}<title>{escape(title)}</title><desc>{escape(text)}</desc>{''.join(drawn)}</svg>"
