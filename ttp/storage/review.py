"""Review cases, decisions and undoing in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.names import CaseId, DecisionId, IdentityId, LeafId, PopulationName
from ttp.core.persons import Pair, pair_of
from ttp.core.review import (
    AlreadyUndone,
    CasePair,
    CaseQuery,
    CaseState,
    Decision,
    PossibleMatch,
    ReviewCase,
    Undo,
    UnknownCase,
    UnknownDecision,
)
from ttp.storage.batches import select_in
from ttp.storage.case_descriptions import describe_case, place_asking, place_case
from ttp.storage.review_rows import case_of, decision_of, pair_columns, question_of
from ttp.storage.tables import decision, decision_pair, decision_undo, review_case, review_pair

_WITH_UNDO = select(
    decision,
    decision_undo.c.id.label("undo_id"),
    decision_undo.c.reason.label("undo_reason"),
    decision_undo.c.undone_by,
    decision_undo.c.undone_at,
).outerjoin(decision_undo, decision_undo.c.decision_id == decision.c.id)


class SqlReviewStore:
    """Review cases and decisions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_case(self, case: ReviewCase, matches: Sequence[PossibleMatch], *, leaf: LeafId) -> None:
        """Store a new case and its pairs."""
        self._connection.execute(
            insert(review_case).values(
                id=case.id,
                population=case.population,
                state=case.state.value,
                version=case.version,
                score=case.score,
                created_at=case.created_at,
                changed_at=case.changed_at,
                leaf=leaf,
            )
        )
        if matches:
            self.add_pairs(case.id, matches)

    def add_pairs(self, case_id: CaseId, matches: Sequence[PossibleMatch]) -> None:
        """Add questions to a case, which takes the highest score of them."""
        rows = [pair_columns(case_id, match) for match in matches]
        self._connection.execute(insert(review_pair), rows)
        describe_case(self._connection, case_id, matches)

    def absorb(self, cases: Sequence[CaseId], *, into: CaseId, at: datetime, leaf: LeafId) -> None:
        """Move the questions of some cases into another; they remain as tombstones with a successor."""
        self._connection.execute(
            update(review_pair).where(review_pair.c.case_id.in_(cases)).values(case_id=into)
        )
        self._connection.execute(
            update(review_case)
            .where(or_(review_case.c.id.in_(cases), review_case.c.successor.in_(cases)))
            .values(
                state=CaseState.ABSORBED.value,
                version=review_case.c.version + 1,
                successor=into,
                changed_at=at,
                leaf=leaf,
            )
        )
        place_case(self._connection, review_case.c.id == into)

    def absorbed(self, case_id: CaseId) -> list[CaseId]:
        """The cases whose questions this one took over."""
        query = select(review_case.c.id).where(review_case.c.successor == case_id)
        return [CaseId(row.id) for row in self._connection.execute(query)]

    def get(self, case_id: CaseId) -> ReviewCase:
        """The case. Raises UnknownCase."""
        query = select(review_case).where(review_case.c.id == case_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownCase
        return case_of(row)

    def pairs(self, case_ids: Sequence[CaseId]) -> dict[CaseId, list[CasePair]]:
        """The questions of each case, highest score first."""
        query = select(review_pair).order_by(
            review_pair.c.score.desc(), review_pair.c.first, review_pair.c.second
        )
        found: dict[CaseId, list[CasePair]] = defaultdict(list)
        for row in select_in(self._connection, query, review_pair.c.case_id, case_ids):
            found[CaseId(row.case_id)].append(question_of(row))
        return dict(found)

    def asked(self, pairs: Sequence[Pair]) -> dict[Pair, CaseId]:
        """The case of each pair that was ever asked."""
        wanted = set(pairs)
        query = select(review_pair.c.first, review_pair.c.second, review_pair.c.case_id)
        firsts = sorted({first for first, _ in wanted})
        rows = select_in(self._connection, query, review_pair.c.first, firsts)
        found = {pair_of(row.first, row.second): CaseId(row.case_id) for row in rows}
        return {pair: case for pair, case in found.items() if pair in wanted}

    def touching(self, identities: Sequence[IdentityId]) -> list[ReviewCase]:
        """The cases, absorbed ones excepted, with a question about one of the identities."""
        ids = {
            row[0]
            for column in (review_pair.c.first, review_pair.c.second)
            for row in select_in(
                self._connection, select(review_pair.c.case_id), column, identities
            )
        }
        rows = select_in(self._connection, select(review_case), review_case.c.id, sorted(ids))
        return sorted(map(case_of, rows), key=lambda case: case.id)

    def page(self, query: CaseQuery) -> list[ReviewCase]:
        """A page of cases, highest score first."""
        chosen = select(review_case).where(
            review_case.c.state.in_([state.value for state in query.states])
        )
        if query.population is not None:
            chosen = chosen.where(review_case.c.population == query.population)
        if query.after is not None:
            last = self.get(query.after)
            chosen = chosen.where(
                or_(
                    review_case.c.score < last.place,
                    and_(review_case.c.score == last.place, review_case.c.id > last.id),
                )
            )
        chosen = chosen.order_by(review_case.c.score.desc(), review_case.c.id).limit(query.limit)
        return [case_of(row) for row in self._connection.execute(chosen)]

    def count(self, population: PopulationName | None = None) -> dict[CaseState, int]:
        """How many cases there are in each state."""
        query = select(review_case.c.state, func.count()).group_by(review_case.c.state)
        if population is not None:
            query = query.where(review_case.c.population == population)
        found = {CaseState(row[0]): row[1] for row in self._connection.execute(query)}
        return {state: found.get(state, 0) for state in CaseState}

    def change(
        self,
        case_id: CaseId,
        *,
        state: CaseState,
        at: datetime,
        leaf: LeafId,
        returns_at: datetime | None = None,
        reopened: bool = False,
    ) -> ReviewCase:
        """Set the state and raise the version; ``reopened``: new evidence asks again."""
        values: dict[str, Any] = {
            "state": state.value,
            "version": review_case.c.version + 1,
            "changed_at": at,
        }
        values |= {"leaf": leaf, "returns_at": returns_at} | (
            {"reopened_at": at} if reopened else {}
        )
        self._connection.execute(
            update(review_case).where(review_case.c.id == case_id).values(values)
        )
        return self.get(case_id)

    def answer(
        self, case_id: CaseId, pairs: Sequence[Pair], *, decision: DecisionId | None
    ) -> None:
        """Note the decision that answers these questions, or that none does any more."""
        for first, second in pairs:
            self._connection.execute(
                update(review_pair)
                .where(
                    review_pair.c.case_id == case_id,
                    review_pair.c.first == first,
                    review_pair.c.second == second,
                )
                .values(decision_id=decision)
            )

    def renew(self, matches: Sequence[PossibleMatch]) -> None:
        """Ask questions that were asked before anew, with the evidence there is now; nothing answers them yet."""
        for match in matches:
            columns = pair_columns(CaseId(match.first), match)
            fresh = {
                name: columns[name] for name in ("score", "contributions", "facts", "conflict")
            }
            self._connection.execute(
                update(review_pair)
                .where(review_pair.c.first == match.pair[0], review_pair.c.second == match.pair[1])
                .values(**fresh, decision_id=None, withdrawn_at=None)
            )
        place_asking(self._connection, [match.pair for match in matches])

    def withdraw(self, pairs: Sequence[Pair], *, at: datetime) -> None:
        """Take back questions that nobody decided; they can be renewed."""
        for first, second in pairs:
            self._connection.execute(
                update(review_pair)
                .where(review_pair.c.first == first, review_pair.c.second == second)
                .where(review_pair.c.decision_id.is_(None))
                .values(withdrawn_at=at)
            )
        place_asking(self._connection, pairs)

    def about(self, identities: Sequence[IdentityId]) -> dict[CaseId, list[CasePair]]:
        """All questions ever asked about these identities, by case."""
        found: dict[CaseId, dict[Pair, CasePair]] = defaultdict(dict)
        for column in (review_pair.c.first, review_pair.c.second):
            for row in select_in(self._connection, select(review_pair), column, identities):
                found[CaseId(row.case_id)][row.first, row.second] = question_of(row)
        return {case: list(pairs.values()) for case, pairs in found.items()}

    def add_decision(self, new: Decision, *, leaf: LeafId) -> None:
        """Store a decision."""
        self._connection.execute(
            insert(decision).values(
                id=new.id,
                case_id=new.case_id,
                population=new.population,
                verdict=new.verdict.value,
                reason=new.reason,
                decided_by=new.by,
                decided_at=new.at,
                batch=new.batch,
                confirmed_by=new.confirmed_by,
                state_before=new.state_before.value if new.state_before else None,
                leaf=leaf,
            )
        )
        rows = [
            {"decision_id": new.id, "first": first, "second": second} for first, second in new.pairs
        ]
        self._connection.execute(insert(decision_pair), rows)

    def batch(self, batch: UUID) -> list[Decision]:
        """The decisions of a batch, oldest first."""
        return self._decisions(_WITH_UNDO.where(decision.c.batch == batch))

    def decision(self, decision_id: DecisionId) -> Decision:
        """The decision. Raises UnknownDecision."""
        found = self._decisions(_WITH_UNDO.where(decision.c.id == decision_id))
        if not found:
            raise UnknownDecision
        return found[0]

    def decisions(self, case_ids: Sequence[CaseId]) -> list[Decision]:
        """Everything decided in these cases, oldest first, undone ones included."""
        return self._decisions(_WITH_UNDO.where(decision.c.case_id.in_(case_ids)))

    def standing_decisions(self, identities: Sequence[IdentityId]) -> list[Decision]:
        """Decisions that stand and concern one of the identities, oldest first."""
        ids = {
            row[0]
            for column in (decision_pair.c.first, decision_pair.c.second)
            for row in select_in(
                self._connection, select(decision_pair.c.decision_id), column, identities
            )
        }
        standing = _WITH_UNDO.where(decision_undo.c.id.is_(None))
        return self._decisions(standing.where(decision.c.id.in_(ids)))

    def add_undo(self, undo: Undo, *, leaf: LeafId) -> None:
        """Store that a decision is undone. Raises AlreadyUndone."""
        try:
            self._connection.execute(
                insert(decision_undo).values(
                    id=undo.id,
                    decision_id=undo.decision_id,
                    reason=undo.reason,
                    undone_by=undo.by,
                    undone_at=undo.at,
                    leaf=leaf,
                )
            )
        except IntegrityError as error:
            raise AlreadyUndone from error

    def _decisions(self, query: Select[Any]) -> list[Decision]:
        rows = self._connection.execute(query.order_by(decision.c.decided_at, decision.c.id)).all()
        pairs: dict[DecisionId, list[Pair]] = defaultdict(list)
        chosen = select(decision_pair)
        ids = [row.id for row in rows]
        for row in select_in(self._connection, chosen, decision_pair.c.decision_id, ids):
            pairs[row.decision_id].append((row.first, row.second))
        return [decision_of(row, tuple(sorted(pairs[row.id]))) for row in rows]
