"""What hospital systems said, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, delete, insert, select, update

from ttp.core.hospital import Relation, SaidRelation
from ttp.core.names import CaseId, IdentityId, LeafId
from ttp.core.persons import Pair
from ttp.core.review import CaseState
from ttp.storage.awaited_records import SqlAwaitedRecords
from ttp.storage.batches import select_in
from ttp.storage.case_descriptions import place_asking
from ttp.storage.tables import (
    message_time,
    review_case,
    review_pair,
    said_relation,
)


class SqlHospitalStore(SqlAwaitedRecords):
    """What hospital systems said, in one transaction."""

    def times(self, identities: Sequence[IdentityId]) -> dict[IdentityId, datetime]:
        """When the newest data of each identity were said, as far as known."""
        rows = select_in(
            self._connection, select(message_time), message_time.c.identity_id, identities
        )
        return {IdentityId(row.identity_id): row.said_at for row in rows}

    def set_times(self, rows: Sequence[tuple[IdentityId, datetime]], *, leaf: LeafId) -> None:
        """Note when the data of identities were said; an older time changes nothing."""
        known = self.times([identity for identity, _ in rows])
        newer = {
            one: at for one, at in sorted(rows) if one not in known or known[one] < at
        }  # of several times of one identity the last, which is the newest, counts
        renewed = [one for one in newer if one in known]
        if renewed:
            self._connection.execute(
                delete(message_time).where(message_time.c.identity_id.in_(renewed))
            )
        if newer:
            fresh = [{"identity_id": one, "said_at": at, "leaf": leaf} for one, at in newer.items()]
            self._connection.execute(insert(message_time), fresh)

    def said(self, source: str, identities: Sequence[IdentityId]) -> list[SaidRelation]:
        """What a source said last of each pair with one of the identities."""
        query = select(said_relation).where(said_relation.c.source == source)
        found = {
            (row.first, row.second): _said(row)
            for column in (said_relation.c.first, said_relation.c.second)
            for row in select_in(self._connection, query, column, identities)
        }
        return [found[pair] for pair in sorted(found)]

    def say(self, said: SaidRelation, *, leaf: LeafId) -> None:
        """Store what a source said last of a pair."""
        first, second = said.pair
        self._connection.execute(
            delete(said_relation).where(
                said_relation.c.source == said.source,
                said_relation.c.first == first,
                said_relation.c.second == second,
            )
        )
        self._connection.execute(
            insert(said_relation).values(
                source=said.source,
                first=first,
                second=second,
                relation=said.relation.value,
                replaced=said.replaced,
                by_reference=said.by_reference,
                said_at=said.said_at,
                leaf=leaf,
            )
        )

    def replaced(self, identities: Sequence[IdentityId]) -> dict[IdentityId, IdentityId]:
        """The identity that replaced each of these according to its source, where one did."""
        query = select(said_relation).where(
            said_relation.c.relation == Relation.REPLACED.value,
        )
        rows = select_in(self._connection, query, said_relation.c.replaced, identities)
        return {
            IdentityId(row.replaced): IdentityId(
                row.second if row.replaced == row.first else row.first
            )
            for row in rows
        }

    def appease(self, pair: Pair, *, source: str) -> None:
        """The source no longer contradicts: a question about the pair that it raised is no contradiction any more."""
        here = (review_pair.c.first == pair[0], review_pair.c.second == pair[1])
        row = self._connection.execute(select(review_pair).where(*here)).one_or_none()
        if row is not None and orjson.loads(row.facts).get("source") == source:
            self._connection.execute(update(review_pair).where(*here).values(conflict=False))
            place_asking(self._connection, [pair])

    def contradict(self, pair: Pair, *, source: str, leaf: LeafId, at: datetime) -> CaseId | None:
        """Ask again about a pair that was asked before, because its source contradicts; None if it never was."""
        here = (review_pair.c.first == pair[0], review_pair.c.second == pair[1])
        row = self._connection.execute(select(review_pair).where(*here)).one_or_none()
        if row is None:
            return None
        facts = orjson.loads(row.facts) | {"contradiction": "kept-apart", "source": source}
        self._connection.execute(
            update(review_pair)
            .where(*here)
            .values(
                conflict=True,
                facts=orjson.dumps(facts).decode(),
                decision_id=None,
                withdrawn_at=None,
            )
        )
        self._connection.execute(
            update(review_case)
            .where(review_case.c.id == row.case_id)
            .values(
                state=CaseState.OPEN.value,
                version=review_case.c.version + 1,
                changed_at=at,
                leaf=leaf,
            )
        )
        place_asking(self._connection, [pair])
        return CaseId(row.case_id)


def _said(row: Row[Any]) -> SaidRelation:
    return SaidRelation(
        row.source,
        (IdentityId(row.first), IdentityId(row.second)),
        Relation(row.relation),
        IdentityId(row.replaced) if row.replaced else None,
        row.by_reference,
        row.said_at,
    )
