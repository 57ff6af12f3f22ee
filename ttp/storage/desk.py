"""The reviewer's lists in the database: read-only queries over cases, decisions and identities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from ttp.core.desk import PAGE, CaseFilter, CaseLine, DecisionFilter, DecisionLine
from ttp.core.names import CaseId, DecisionId, PopulationName
from ttp.core.review import CaseState, ReviewCase, Verdict
from ttp.storage.tables import decision, decision_undo, identity, review_case, review_pair


class SqlDeskStore:
    """The lists of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases(
        self, chosen: CaseFilter, *, after: CaseId | None = None, limit: int = PAGE
    ) -> list[CaseLine]:
        """A page of cases, highest score first, behind the case ``after``."""
        query = _filtered(select(review_case), chosen)
        if after is not None:
            last = self._connection.execute(
                select(review_case).where(review_case.c.id == after)
            ).one_or_none()
            query = query.where(_behind(last.score, last.id)) if last else query
        query = query.order_by(review_case.c.score.desc(), review_case.c.id).limit(limit)
        rows = self._connection.execute(query).all()
        sources, counts = self._described([row.id for row in rows])
        return [CaseLine(_case(row), tuple(sources[row.id]), *counts[row.id]) for row in rows]

    def count(self, chosen: CaseFilter) -> int:
        """How many cases the filter lets through."""
        query = _filtered(select(func.count()).select_from(review_case), chosen)
        return int(self._connection.execute(query).scalar_one())

    def beside(self, case: ReviewCase, *, forward: bool) -> CaseId | None:
        """The open case behind or before this one in the order of the queue."""
        place = _behind(case.score, case.id) if forward else _before(case.score, case.id)
        query = select(review_case.c.id).where(review_case.c.state == CaseState.OPEN.value, place)
        order = (
            (review_case.c.score.desc(), review_case.c.id)
            if forward
            else (review_case.c.score, review_case.c.id.desc())
        )
        found = self._connection.execute(query.order_by(*order).limit(1)).scalar_one_or_none()
        return CaseId(found) if found else None

    def oldest(self) -> datetime | None:
        """Since when the longest waiting open case waits."""
        query = select(review_case.c.created_at).where(review_case.c.state == CaseState.OPEN.value)
        return self._connection.execute(
            query.order_by(review_case.c.created_at).limit(1)
        ).scalar_one_or_none()

    def decisions(
        self, chosen: DecisionFilter, *, before: DecisionId | None = None, limit: int = PAGE
    ) -> list[DecisionLine]:
        """Decisions, newest first, older than ``before``; their IDs grow with time."""
        query = select(decision, decision_undo.c.undone_by, decision_undo.c.undone_at).outerjoin(
            decision_undo, decision_undo.c.decision_id == decision.c.id
        )
        if chosen.verdict is not None:
            query = query.where(decision.c.verdict == chosen.verdict.value)
        if chosen.by:
            query = query.where(decision.c.decided_by == chosen.by)
        if chosen.standing:
            query = query.where(decision_undo.c.id.is_(None))
        if before is not None:
            query = query.where(decision.c.id < before)
        query = query.order_by(decision.c.id.desc()).limit(limit)
        return [_decision(row) for row in self._connection.execute(query)]

    def sources(self) -> list[str]:
        """Every source that delivered a record."""
        query = select(identity.c.source).distinct().order_by(identity.c.source)
        return [row.source for row in self._connection.execute(query)]

    def _described(
        self, cases: Sequence[UUID]
    ) -> tuple[dict[UUID, list[str]], dict[UUID, tuple[int, int]]]:
        sources: dict[UUID, list[str]] = defaultdict(list)
        for side in (review_pair.c.first, review_pair.c.second):
            found = select(review_pair.c.case_id, identity.c.source).join(
                identity, identity.c.id == side
            )
            for row in self._connection.execute(found.where(review_pair.c.case_id.in_(cases))):
                if row.source not in sources[row.case_id]:
                    sources[row.case_id].append(row.source)
        counted = select(
            review_pair.c.case_id, func.count(), func.count(review_pair.c.decision_id)
        ).where(review_pair.c.case_id.in_(cases))
        rows = self._connection.execute(counted.group_by(review_pair.c.case_id))
        return sources, {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _filtered(query: Select[Any], chosen: CaseFilter) -> Select[Any]:
    query = query.where(review_case.c.state == chosen.state.value)
    if chosen.population is not None:
        query = query.where(review_case.c.population == chosen.population)
    if chosen.lowest is not None:
        query = query.where(review_case.c.score >= chosen.lowest)
    if chosen.highest is not None:
        query = query.where(review_case.c.score <= chosen.highest)
    return query.where(_touches(chosen.source)) if chosen.source else query


def _touches(source: str) -> Any:
    sides = or_(review_pair.c.first == identity.c.id, review_pair.c.second == identity.c.id)
    return (
        select(review_pair.c.case_id)
        .join(identity, sides)
        .where(review_pair.c.case_id == review_case.c.id, identity.c.source == source)
        .exists()
    )


def _behind(score: float, case_id: UUID) -> Any:
    same = and_(review_case.c.score == score, review_case.c.id > case_id)
    return or_(review_case.c.score < score, same)


def _before(score: float, case_id: UUID) -> Any:
    same = and_(review_case.c.score == score, review_case.c.id < case_id)
    return or_(review_case.c.score > score, same)


def _case(row: Row[Any]) -> ReviewCase:
    return ReviewCase(
        CaseId(row.id),
        PopulationName(row.population),
        CaseState(row.state),
        row.version,
        row.score,
        row.created_at,
        row.changed_at,
        CaseId(row.successor) if row.successor else None,
    )


def _decision(row: Row[Any]) -> DecisionLine:
    return DecisionLine(
        DecisionId(row.id),
        CaseId(row.case_id),
        PopulationName(row.population),
        Verdict(row.verdict),
        row.decided_by,
        row.decided_at,
        row.undone_by,
        row.undone_at,
    )
