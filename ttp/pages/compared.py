"""A compared pair as rows of a table, blind or with its weights as a waterfall."""

from __future__ import annotations

from dataclasses import dataclass

from ttp.pages.differences import Run, differing, runs
from ttp.pages.waterfall import Bar, Waterfall, waterfall
from ttp.services.cases.compare_pair import Comparison


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One field of both records; ``differing`` counts characters."""

    field: str
    first: list[Run]
    second: list[Run]
    level: str
    differing: int


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One summand of the score and its bar."""

    field: str
    level: str
    weight: float
    bar: Bar
    differing: int = 0


def comparison_rows(found: Comparison) -> list[ComparedRow]:
    """The fields side by side."""
    rows = []
    for field in found.fields:
        first, second = runs(field.first, field.second, revealed=False)
        most = max(differing(first), differing(second))
        rows.append(ComparedRow(field.field, first, second, field.level, most))
    return rows


def weight_rows(found: Comparison) -> tuple[list[WeightRow], Waterfall]:
    """What makes up the score, and the scale of it."""
    parts = [one for one in found.contributions if one.weight]
    weights = [one.weight for one in parts]
    chart = waterfall(weights, possible_at=found.possible_at, match_at=found.match_at)
    bars = zip(parts, chart.bars, strict=True)
    return [WeightRow(one.field, one.level, one.weight, bar) for one, bar in bars], chart
