"""Rows of the quality desk as the core's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from ttp.core.names import DecisionId, IdentityId, PopulationName
from ttp.core.persons import Pair, pair_of
from ttp.core.quality_desk import Check, CheckKind, CheckState, Drawn, Vote
from ttp.core.review import Verdict


def check_columns(check: Check) -> dict[str, Any]:
    """The row of a check, without its leaf."""
    first, second = check.pair or (None, None)
    return {
        "id": check.id,
        "kind": check.kind.value,
        "population": check.population,
        "first": first,
        "second": second,
        "seed": check.seed,
        "expected": check.expected.value,
        "first_by": check.first_by,
        "decision_id": check.decision,
        "score": check.score,
        "state": check.state.value,
        "outcome": None,
        "created_at": check.created_at,
        "settled_at": None,
    }


def check_of(row: Row[Any]) -> Check:
    """The check of a row."""
    return Check(
        id=row.id,
        kind=CheckKind(row.kind),
        population=PopulationName(row.population),
        pair=(IdentityId(row.first), IdentityId(row.second)) if row.first else None,
        seed=row.seed,
        expected=Verdict(row.expected),
        first_by=row.first_by,
        decision=DecisionId(row.decision_id) if row.decision_id else None,
        score=row.score,
        state=CheckState(row.state),
        created_at=row.created_at,
        outcome=Verdict(row.outcome) if row.outcome else None,
        settled_at=row.settled_at,
    )


def vote_of(row: Row[Any]) -> Vote:
    """The answer of a row."""
    return Vote(row.check_id, row.voted_by, Verdict(row.verdict), row.seconds, row.voted_at)


def drawn_from(rows: Sequence[Row[Any]], pairs: Sequence[Row[Any]]) -> list[Drawn]:
    """Decisions with their pairs, in the order of the decisions."""
    found: dict[UUID, list[Pair]] = defaultdict(list)
    for row in pairs:
        pair = pair_of(IdentityId(row.first), IdentityId(row.second))
        found[row.decision_id].append(pair)
    return [
        Drawn(
            DecisionId(row.id),
            PopulationName(row.population),
            tuple(sorted(found[row.id])),
            Verdict(row.verdict),
            row.decided_by,
        )
        for row in rows
    ]
