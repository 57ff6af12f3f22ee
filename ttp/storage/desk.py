"""The reviewer's lists in the database: read-only queries over cases, decisions and identities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Uuid,
    func,
    literal,
    select,
    tuple_,
)

from ttp.core.desk import COUNTED, PAGE, CaseFilter, CaseLine, DecisionFilter, DecisionLine
from ttp.core.names import CaseId, DecisionId, PopulationName
from ttp.core.review import URGENT, CaseState, ReviewCase, Verdict
from ttp.storage.review_rows import LEAST_URGENT, case_of
from ttp.storage.tables import case_source, decision, decision_undo, review_case, review_pair


class SqlDeskStore:
    """The lists of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cases(
        self, chosen: CaseFilter, *, after: CaseId | None = None, limit: int = PAGE
    ) -> list[CaseLine]:
        """A page of cases, contradictions first, then by falling score, behind the case ``after``."""
        query = _filtered(select(review_case), chosen)
        if after is not None:
            last = self._connection.execute(
                select(review_case).where(review_case.c.id == after)
            ).one_or_none()
            query = query.where(_behind(last.score, last.id)) if last else query
        query = query.order_by(review_case.c.score.desc(), review_case.c.id.desc()).limit(limit)
        rows = self._connection.execute(query).all()
        sources, counts = self._described([row.id for row in rows])
        return [CaseLine(case_of(row), tuple(sources[row.id]), *counts[row.id]) for row in rows]

    def count(self, chosen: CaseFilter, *, most: int = COUNTED) -> int:
        """How many cases the filter lets through, at most ``most``."""
        found = _filtered(select(review_case.c.id), chosen).limit(most).subquery()
        query = select(func.count()).select_from(found)
        return int(self._connection.execute(query).scalar_one())

    def doubts(self) -> list[str]:
        """Every kind of doubt that cases have: each is sought behind the one before, so that none is counted."""
        found: list[str] = []
        while True:
            query = select(func.min(review_case.c.doubt)).where(
                review_case.c.doubt > (found[-1] if found else "")
            )
            following = self._connection.execute(query).scalar_one_or_none()
            if following is None:
                return found
            found.append(following)

    def beside(
        self, case: ReviewCase, *, forward: bool, populations: frozenset[str] | None = None
    ) -> CaseId | None:
        """The open case behind or before this one in the order of the queue, of these populations or of any."""
        place = _behind(case.place, case.id) if forward else _before(case.place, case.id)
        query = select(review_case.c.id).where(review_case.c.state == CaseState.OPEN.value, place)
        if populations is not None:
            query = query.where(review_case.c.population.in_(sorted(populations)))
        order = (
            (review_case.c.score.desc(), review_case.c.id.desc())
            if forward
            else (review_case.c.score, review_case.c.id)
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
        if chosen.populations is not None:
            query = query.where(decision.c.population.in_(sorted(chosen.populations)))
        if before is not None:
            query = query.where(decision.c.id < before)
        query = query.order_by(decision.c.id.desc()).limit(limit)
        return [_decision(row) for row in self._connection.execute(query)]

    def sources(self) -> list[str]:
        """Every source of a record that a case asks about."""
        query = select(case_source.c.source).distinct().order_by(case_source.c.source)
        return [row.source for row in self._connection.execute(query)]

    def _described(
        self, cases: Sequence[UUID]
    ) -> tuple[dict[UUID, list[str]], dict[UUID, tuple[int, int]]]:
        sources: dict[UUID, list[str]] = defaultdict(list)
        named = select(case_source).order_by(case_source.c.source)
        for row in self._connection.execute(named.where(case_source.c.case_id.in_(cases))):
            sources[row.case_id].append(row.source)
        counted = select(
            review_pair.c.case_id, func.count(), func.count(review_pair.c.decision_id)
        ).where(review_pair.c.case_id.in_(cases))
        rows = self._connection.execute(counted.group_by(review_pair.c.case_id))
        counts: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
        counts.update({row[0]: (int(row[1]), int(row[2])) for row in rows})
        return sources, counts


def _filtered(query: Select[Any], chosen: CaseFilter) -> Select[Any]:
    query = query.where(review_case.c.state == chosen.state.value)
    if chosen.population is not None:
        query = query.where(review_case.c.population == chosen.population)
    if chosen.populations is not None:
        query = query.where(review_case.c.population.in_(sorted(chosen.populations)))
    if chosen.urgent is not None:
        urgent = review_case.c.score >= LEAST_URGENT
        query = query.where(urgent if chosen.urgent else ~urgent)
    if chosen.lowest is not None:
        query = query.where(
            review_case.c.score.between(chosen.lowest, LEAST_URGENT)
            | (review_case.c.score >= chosen.lowest + URGENT)
        )
    if chosen.highest is not None:
        highest = chosen.highest
        query = query.where(
            (review_case.c.score <= highest)
            | review_case.c.score.between(LEAST_URGENT, highest + URGENT)
        )
    for condition in _conditions(chosen):
        query = query.where(condition)
    return query


def _conditions(chosen: CaseFilter) -> Iterator[ColumnElement[bool]]:
    """What the filter asks of the work around cases."""
    case = review_case.c
    if chosen.assignee is not None:
        yield case.assignee == chosen.assignee if chosen.assignee else case.assignee.is_(None)
    if chosen.created_before is not None:
        yield case.created_at <= chosen.created_before
    if chosen.due_before is not None:
        yield case.due_at <= chosen.due_before
    if chosen.doubt:
        yield case.doubt == chosen.doubt
    if chosen.least_members:
        yield case.members >= chosen.least_members
    if chosen.reopened:
        yield case.reopened_at.is_not(None)
    if chosen.source:
        named = select(case_source.c.case_id).where(case_source.c.source == chosen.source)
        yield case.id.in_(named)


def _behind(score: float, case_id: UUID) -> ColumnElement[bool]:
    """Behind a case in the order of the queue: by falling score, then by falling ID."""
    return tuple_(review_case.c.score, review_case.c.id) < tuple_(literal(score), _id(case_id))


def _before(score: float, case_id: UUID) -> ColumnElement[bool]:
    return tuple_(review_case.c.score, review_case.c.id) > tuple_(literal(score), _id(case_id))


def _id(case_id: UUID) -> ColumnElement[UUID]:
    return literal(case_id, Uuid())


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
