"""The quality desk in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, delete, func, insert, not_, select, update
from sqlalchemy.exc import IntegrityError

from ttp.core.names import DecisionId, LeafId
from ttp.core.quality_desk import (
    Check,
    CheckClosed,
    CheckFilter,
    CheckKind,
    CheckState,
    DayFlow,
    Drawn,
    UnknownCheck,
    Vote,
)
from ttp.core.review import Verdict
from ttp.storage.batches import select_in
from ttp.storage.quality_rows import check_columns, check_of, drawn_from, vote_of
from ttp.storage.quality_samples import SqlSamples
from ttp.storage.tables import (
    decision,
    decision_pair,
    decision_time,
    quality_check,
    quality_mark,
    quality_vote,
    review_case,
)

_MARK = "decisions"
_ASKING = (CheckState.OPEN.value, CheckState.DISPUTED.value)
_DRAWABLE = (Verdict.SAME.value, Verdict.DIFFERENT.value)
_MOST_TIMES = 5000


class SqlQualityStore(SqlSamples):
    """Checks, answers, durations and frames of one transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def add(self, checks: Sequence[Check], *, leaf: LeafId) -> None:
        """Store new checks."""
        if checks:
            rows = [check_columns(check) | {"leaf": leaf} for check in checks]
            self._connection.execute(insert(quality_check), rows)

    def get(self, check_id: UUID) -> Check:
        """The check. Raises UnknownCheck."""
        query = select(quality_check).where(quality_check.c.id == check_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownCheck
        return check_of(row)

    def page(
        self, chosen: CheckFilter, *, before: UUID | None = None, limit: int = 25
    ) -> list[Check]:
        """A page of checks, planted ones excepted, newest first."""
        query = select(quality_check).where(quality_check.c.kind != CheckKind.GOLD.value)
        if chosen.state is not None:
            query = query.where(quality_check.c.state == chosen.state.value)
        if chosen.kind is not None:
            query = query.where(quality_check.c.kind == chosen.kind.value)
        if chosen.contradicted:
            query = query.where(quality_check.c.outcome != quality_check.c.expected)
        if before is not None:
            query = query.where(quality_check.c.id < before)
        return self._checks(query.order_by(quality_check.c.id.desc()).limit(limit))

    def waiting(self, by: str, *, limit: int) -> list[Check]:
        """Checks that this person may answer, oldest first."""
        query = select(quality_check).where(_answerable(by))
        return self._checks(query.order_by(quality_check.c.id).limit(limit))

    def count_waiting(self, by: str) -> int:
        """How many checks this person may answer."""
        return self._count(_answerable(by))

    def count_disputed(self) -> int:
        """How many checks wait for a last word."""
        return self._count(quality_check.c.state == CheckState.DISPUTED.value)

    def add_vote(self, vote: Vote, *, leaf: LeafId) -> None:
        """Store an answer. Raises CheckClosed: this person gave one."""
        row = {
            "check_id": vote.check_id,
            "voted_by": vote.by,
            "verdict": vote.verdict.value,
            "seconds": vote.seconds,
            "voted_at": vote.at,
            "leaf": leaf,
        }
        try:
            self._connection.execute(insert(quality_vote).values(**row))
        except IntegrityError as error:
            raise CheckClosed from error

    def votes(self, check_ids: Sequence[UUID]) -> dict[UUID, list[Vote]]:
        """The answers to each check, oldest first."""
        found: dict[UUID, list[Vote]] = defaultdict(list)
        rows = select_in(
            self._connection, select(quality_vote), quality_vote.c.check_id, list(check_ids)
        )
        for vote in sorted(map(vote_of, rows), key=lambda one: (one.at, one.by)):
            found[vote.check_id].append(vote)
        return found

    def settle(
        self, check_id: UUID, *, state: CheckState, outcome: Verdict | None, at: datetime
    ) -> None:
        """Store where a check stands."""
        values = {
            "state": state.value,
            "outcome": outcome.value if outcome else None,
            "settled_at": at if state is CheckState.SETTLED else None,
        }
        self._connection.execute(
            update(quality_check).where(quality_check.c.id == check_id).values(**values)
        )

    def answered(self, *, limit: int) -> list[Check]:
        """Checks with an answer, newest first."""
        voted = select(quality_vote.c.check_id).where(quality_vote.c.check_id == quality_check.c.id)
        query = select(quality_check).where(voted.exists())
        return self._checks(query.order_by(quality_check.c.id.desc()).limit(limit))

    def undrawn(self, *, limit: int) -> list[Drawn]:
        """Decisions, oldest first, of which nobody has said yet whether they are drawn."""
        mark = select(quality_mark.c.decision_id).where(quality_mark.c.name == _MARK)
        last = self._connection.execute(mark).scalar_one_or_none()
        query = select(decision).where(decision.c.verdict.in_(_DRAWABLE))
        if last is not None:
            query = query.where(decision.c.id > last)
        rows = self._connection.execute(query.order_by(decision.c.id).limit(limit)).all()
        pairs = select_in(
            self._connection,
            select(decision_pair),
            decision_pair.c.decision_id,
            [row.id for row in rows],
        )
        return drawn_from(rows, list(pairs))

    def mark_drawn(self, last: DecisionId) -> None:
        """Note that all decisions up to this one were drawn from."""
        self._connection.execute(delete(quality_mark).where(quality_mark.c.name == _MARK))
        self._connection.execute(insert(quality_mark).values(name=_MARK, decision_id=last))

    def keep_time(self, decision_id: DecisionId, *, by: str, seconds: float) -> None:
        """Store how long a decision took."""
        row = {"decision_id": decision_id, "decided_by": by, "seconds": seconds}
        self._connection.execute(insert(decision_time).values(**row))

    def times(self, *, limit: int = _MOST_TIMES) -> dict[str, list[float]]:
        """The newest durations of decisions in seconds, by person."""
        query = select(decision_time).order_by(decision_time.c.decision_id.desc()).limit(limit)
        found: dict[str, list[float]] = defaultdict(list)
        for row in self._connection.execute(query):
            found[row.decided_by].append(row.seconds)
        return found

    def flow(self, *, since: datetime) -> list[DayFlow]:
        """Arrivals and decisions by day, those days only on which there were some."""
        came = self._by_day(review_case.c.created_at, since)
        decided = self._by_day(decision.c.decided_at, since, decision.c.verdict.in_(_DRAWABLE))
        return [DayFlow(day, came[day], decided[day]) for day in sorted({*came, *decided})]

    def _by_day(self, column: Any, since: datetime, *more: Any) -> Counter[date]:
        day = func.date(column)
        query = select(day, func.count()).where(column >= since, *more).group_by(day)
        found: Counter[date] = Counter()
        for text, count in self._connection.execute(query):
            found[date.fromisoformat(str(text))] += count
        return found

    def _checks(self, query: Select[Any]) -> list[Check]:
        return [check_of(row) for row in self._connection.execute(query)]

    def _count(self, condition: Any) -> int:
        query = select(func.count()).select_from(quality_check).where(condition)
        return int(self._connection.execute(query).scalar_one())


def _answerable(by: str) -> Any:
    """Asking, not answered by this person, and not the check of what this person decided."""
    voted = select(quality_vote.c.check_id).where(
        quality_vote.c.check_id == quality_check.c.id, quality_vote.c.voted_by == by
    )
    others = quality_check.c.first_by != by
    return and_(quality_check.c.state.in_(_ASKING), others, not_(voted.exists()))
