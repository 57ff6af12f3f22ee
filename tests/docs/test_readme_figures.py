"""Figures of the README stand in the documents that say how they were measured."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADING = "## What it measures"
_NUMBER = re.compile(r"(?<![\w-])\.?\d+(?:,\d{3})*(?:\.\d+)?")


def _told() -> list[tuple[str, str]]:
    """Row and figure of the README's table, the second column alone."""
    part = (ROOT / "README.md").read_text().partition(HEADING)[2].partition("\n## ")[0]
    rows = [line.split("|") for line in part.splitlines() if line.startswith("| ")]
    return [(row[1].strip(), figure) for row in rows[1:] for figure in _NUMBER.findall(row[2])]


def _measured() -> set[str]:
    """Every number in the documents of figures, as it stands there, without the zero before the point."""
    texts = [(ROOT / "docs" / name).read_text() for name in ("benchmarks.md", "linkage-quality.md")]
    return {figure.removeprefix("0") for text in texts for figure in _NUMBER.findall(text)}


def test_every_figure_of_the_readme_was_published_by_its_benchmark() -> None:
    told, measured = _told(), _measured()
    assert len(told) >= 10
    assert not [(row, figure) for row, figure in told if figure not in measured]
