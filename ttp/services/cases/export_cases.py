"""Export cases: a filtered queue as CSV, for a day sheet or a spreadsheet; no value of a patient is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.desk import CaseFilter, CaseLine
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

MOST_EXPORTED = 100_000
_BLOCK = 1000
COLUMNS = (
    "case",
    "state",
    "urgent",
    "score",
    "population",
    "sources",
    "doubt",
    "records",
    "questions",
    "answered",
    "assignee",
    "created_at",
    "due_at",
    "returns_at",
    "reopened_at",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_cases(center: Center, tx: Transaction, actor: Actor, *, chosen: CaseFilter) -> bytes:
    """The cases the filter lets through, at most 100,000, as UTF-8 CSV with a line of names.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require_population(Right.REVIEW, chosen.population or "")
    text, count = io.StringIO(), 0
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in _lines(tx, chosen):
        writer.writerow([_plain(value) for value in _values(line)])
        count += 1
    act = Act(EventKind.CASES_EXPORTED, counts={"cases": count})
    record_leaf(center, tx, actor, act)
    return text.getvalue().encode()


def _lines(tx: Transaction, chosen: CaseFilter) -> Iterator[CaseLine]:
    after, left = None, MOST_EXPORTED
    while left:
        lines = tx.desk.cases(chosen, after=after, limit=min(_BLOCK, left))
        yield from lines
        if len(lines) < _BLOCK:
            return
        after, left = lines[-1].case.id, left - len(lines)


def _values(line: CaseLine) -> list[object]:
    case = line.case
    times = (case.created_at, case.due_at, case.returns_at, case.reopened_at)
    return [
        case.id,
        case.state.value,
        "yes" if case.urgent else "no",
        round(case.score, 2),
        case.population,
        " ".join(line.sources),
        case.doubt,
        case.members,
        line.questions,
        line.answered,
        case.assignee or "",
        *(time.isoformat() if time else "" for time in times),
    ]


def _plain(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, unless it is a number."""
    text = str(value)
    risky = text.startswith(_FORMULA) and not isinstance(value, int | float)
    return f"'{text}" if risky else text
