"""How a case looks: each question a table whose last column is the waterfall of its weights."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ttp.core.disclosing import WHOLE
from ttp.core.persons import Contribution, IdentityKind
from ttp.pages.differences import Run, differing, runs
from ttp.pages.waterfall import Bar, Waterfall, waterfall
from ttp.services.cases.show_case import CaseView, FieldView, PairView, SideView

BASE = "base"
UNWEIGHED = "unweighed"
_NEGLIGIBLE = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``differing`` counts characters; ``bar`` is None where nothing is weighed."""

    field: str
    first: list[Run]
    second: list[Run]
    level: str
    differing: int
    similarity: float | None
    weight: float | None
    bar: Bar | None
    step: int | None = None  # how far it is uncovered; None where there is nothing to uncover

    @property
    def compared(self) -> bool:
        """Whether the row shows values, not only a weight."""
        return bool(self.first or self.second)


@dataclass(frozen=True, slots=True)
class Question:
    """One pair, ready to be drawn.

    ``zone``: where its score lies, ``match``, ``possible`` or ``below``; ``unweighed`` where there is nothing
    but the likeness of two encodings.
    """

    pair: PairView
    rows: list[Row]
    chart: Waterfall | None
    zone: str

    @property
    def key(self) -> str:
        """The pair as a form names it."""
        first, second = self.pair.pair
        return f"{first}.{second}"

    @property
    def encoded(self) -> bool:
        """Whether the center holds only encodings of these two."""
        return self.pair.first.kind is IdentityKind.ENCODED


def questions(view: CaseView) -> list[Question]:
    """The questions of a case, open ones first."""
    pairs = sorted(view.pairs, key=lambda pair: not pair.open)
    return [_question(view, pair) for pair in pairs]


@dataclass(frozen=True, slots=True)
class Member:
    """One record of the group that a case asks about, by a letter."""

    letter: str
    side: SideView


def members(view: CaseView) -> list[Member]:
    """The records of the open questions by age, lettered; fewer than three are no group."""
    sides = {
        side.identity: side
        for pair in view.pairs
        if pair.open
        for side in (pair.first, pair.second)
    }
    if len(sides) <= 2:
        return []
    ordered = sorted(sides.values(), key=lambda side: side.identity)
    return [Member(_letter(place), side) for place, side in enumerate(ordered)]


def _letter(place: int) -> str:
    return chr(ord("A") + place % 26) + (str(place // 26) if place >= 26 else "")


def _question(view: CaseView, pair: PairView) -> Question:
    encoded = pair.first.kind is IdentityKind.ENCODED
    rows = _encoded_rows(pair) if encoded else _clear_rows(pair, revealed=view.revealed)
    weights = [row.weight for row in rows if row.weight is not None]
    if not weights:
        return Question(pair, rows, None, UNWEIGHED)
    chart = waterfall(weights, possible_at=view.possible_at, match_at=view.match_at)
    return Question(pair, _with_bars(rows, chart), chart, _zone(view, pair))


def _clear_rows(pair: PairView, *, revealed: bool) -> list[Row]:
    rows = [_field_row(field, revealed=revealed) for field in pair.fields]
    shown = {field.field for field in pair.fields}
    rows += [_bare_row(one) for one in pair.contributions if one.field not in shown and one.weight]
    base = pair.score - sum(row.weight or 0.0 for row in rows)
    if abs(base) > _NEGLIGIBLE:
        rows.insert(0, Row(BASE, [], [], "", 0, None, base, None))
    return rows


def _field_row(field: FieldView, *, revealed: bool) -> Row:
    whole = revealed or field.step >= WHOLE
    first, second = runs(field.first, field.second, revealed=whole, marks=field.marks)
    changed = max(differing(first), differing(second))
    step = None if whole else field.step
    return Row(field.field, first, second, field.level, changed, None, field.weight, None, step)


def _encoded_rows(pair: PairView) -> list[Row]:
    return [_bare_row(one) for one in pair.contributions]


def _bare_row(one: Contribution) -> Row:
    return Row(one.field, [], [], one.level, 0, one.similarity, one.weight or None, None)


def _with_bars(rows: list[Row], chart: Waterfall) -> list[Row]:
    bars = iter(chart.bars)
    return [row if row.weight is None else replace(row, bar=next(bars)) for row in rows]


def _zone(view: CaseView, pair: PairView) -> str:
    if pair.score >= view.match_at:
        return "match"
    return "possible" if pair.score >= view.possible_at else "below"
