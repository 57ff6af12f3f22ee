"""Records that were spoken of before they came, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from ttp.core.hospital import AwaitedPair, AwaitedRelation, Relation
from ttp.core.names import IdentityId, LeafId
from ttp.storage.batches import select_in
from ttp.storage.tables import awaited_pair, awaited_relation


class SqlAwaitedRecords:
    """What was said of records that are not here yet, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def await_record(self, awaited: AwaitedRelation, *, leaf: LeafId) -> None:
        """Remember what was said of a record that is not here yet; what was said last counts."""
        self.forget_awaited([awaited])
        self._connection.execute(
            insert(awaited_relation).values(
                digest=awaited.digest,
                known=awaited.known,
                relation=awaited.relation.value,
                by_reference=awaited.by_reference,
                said_at=awaited.said_at,
                leaf=leaf,
                survivor=awaited.survivor,
            )
        )

    def awaited(self, digests: Sequence[bytes]) -> list[AwaitedRelation]:
        """What is remembered of records with one of these digests."""
        query = select(awaited_relation)
        rows = select_in(self._connection, query, awaited_relation.c.digest, digests)
        return [_relation(row) for row in rows]

    def awaited_by(self, known: Sequence[IdentityId]) -> list[AwaitedRelation]:
        """What is remembered of records that are to be related to these."""
        query = select(awaited_relation)
        rows = select_in(self._connection, query, awaited_relation.c.known, known)
        return [_relation(row) for row in rows]

    def forget_awaited(self, rows: Sequence[AwaitedRelation]) -> None:
        """Remove these, because the records came or it was taken back."""
        for row in rows:
            self._connection.execute(
                delete(awaited_relation).where(
                    awaited_relation.c.digest == row.digest, awaited_relation.c.known == row.known
                )
            )

    def await_pair(self, pair: AwaitedPair, *, leaf: LeafId) -> None:
        """Remember what was said of two records that are not here yet."""
        self.forget_pairs([pair])
        self._connection.execute(
            insert(awaited_pair).values(
                first=pair.first,
                second=pair.second,
                relation=pair.relation.value,
                by_reference=pair.by_reference,
                said_at=pair.said_at,
                leaf=leaf,
            )
        )

    def awaited_pairs(self, digests: Sequence[bytes]) -> list[AwaitedPair]:
        """What is remembered of pairs in which a record with one of these digests is."""
        found: dict[tuple[bytes, bytes], AwaitedPair] = {}
        for column in (awaited_pair.c.first, awaited_pair.c.second):
            for row in select_in(self._connection, select(awaited_pair), column, digests):
                found[row.first, row.second] = AwaitedPair(
                    row.first, row.second, Relation(row.relation), row.by_reference, row.said_at
                )
        return [found[key] for key in sorted(found)]

    def forget_pairs(self, pairs: Sequence[AwaitedPair]) -> None:
        """Remove these, because a record came or it was taken back."""
        for pair in pairs:
            self._connection.execute(
                delete(awaited_pair).where(
                    awaited_pair.c.first == pair.first, awaited_pair.c.second == pair.second
                )
            )


def _relation(row: Row[Any]) -> AwaitedRelation:
    return AwaitedRelation(
        row.digest,
        IdentityId(row.known),
        Relation(row.relation),
        row.by_reference,
        row.said_at,
        row.survivor,
    )
