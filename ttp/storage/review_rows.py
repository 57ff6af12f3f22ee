"""How cases, questions and decisions are written in rows, and read from them."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Row

from ttp.core.names import CaseId, DecisionId, IdentityId, PopulationName
from ttp.core.persons import Pair
from ttp.core.review import (
    URGENT,
    CasePair,
    CaseState,
    Decision,
    PossibleMatch,
    ReviewCase,
    Undo,
    Verdict,
)
from ttp.storage import contributions

LEAST_URGENT = URGENT / 2
"""Places above this are those of urgent cases; subtracting URGENT from them is exact."""


def pair_columns(case_id: CaseId, match: PossibleMatch) -> dict[str, Any]:
    """The row of a question."""
    return {
        "case_id": case_id,
        "first": match.pair[0],
        "second": match.pair[1],
        "score": match.score,
        "contributions": contributions.written(match.contributions),
        "facts": orjson.dumps(dict(match.facts)).decode(),
        "conflict": match.conflict,
        "decision_id": None,
    }


def question_of(row: Row[Any]) -> CasePair:
    """The question of a row."""
    match = PossibleMatch(
        IdentityId(row.first),
        IdentityId(row.second),
        row.score,
        contributions.read(row.contributions),
        orjson.loads(row.facts),
        row.conflict,
    )
    answered = DecisionId(row.decision_id) if row.decision_id else None
    return CasePair(match, answered, row.withdrawn_at is not None)


def case_of(row: Row[Any]) -> ReviewCase:
    """The case of a row."""
    urgent = row.score >= LEAST_URGENT
    return ReviewCase(
        CaseId(row.id),
        PopulationName(row.population),
        CaseState(row.state),
        row.version,
        row.score - URGENT if urgent else row.score,
        row.created_at,
        row.changed_at,
        CaseId(row.successor) if row.successor else None,
        row.assignee,
        row.due_at,
        row.returns_at,
        row.reopened_at,
        row.doubt,
        row.members,
        urgent,
    )


def decision_of(row: Row[Any], pairs: tuple[Pair, ...]) -> Decision:
    """The decision of a row, with its undoing if there is one."""
    decision_id = DecisionId(row.id)
    undone = None
    if row.undo_id is not None:
        undone = Undo(row.undo_id, decision_id, row.undo_reason, row.undone_by, row.undone_at)
    return Decision(
        decision_id,
        CaseId(row.case_id),
        PopulationName(row.population),
        Verdict(row.verdict),
        pairs,
        row.reason,
        row.decided_by,
        row.decided_at,
        undone,
        row.batch,
        row.confirmed_by,
        CaseState(row.state_before) if row.state_before else None,
    )
