"""The life of identities in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from ttp.core.identity_life import ChangeKind, ChangeReason, IdentityChange
from ttp.core.names import DecisionId, IdentityId, LeafId, PopulationName
from ttp.core.persons import IdentityState
from ttp.storage.batches import SQLITE_KEYS, cut, select_in
from ttp.storage.tables import (
    consent,
    decision,
    decision_edge,
    decision_pair,
    decision_undo,
    edge,
    identifier,
    identity,
    identity_change,
    identity_version,
    population,
    source_rank,
)

_NO_DIGEST = bytes(16)


class SqlIdentityLifeStore:
    """States, pins, changes and the order of sources in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_state(
        self,
        name: PopulationName,
        identities: Sequence[IdentityId],
        state: IdentityState,
        *,
        leaf: LeafId,
    ) -> None:
        """Set the state, as a change that other processes catch up with."""
        if not identities:
            return
        last = self._connection.execute(
            update(population)
            .where(population.c.name == name)
            .values(sequence=population.c.sequence + len(identities))
            .returning(population.c.sequence)
        ).scalar_one()
        statement = (
            update(identity)
            .where(identity.c.id == bindparam("b_id"))
            .values(
                state=state.value,
                sequence=bindparam("b_sequence", type_=BigInteger),
                leaf=leaf,
            )
        )
        first = last - len(identities) + 1
        rows = [
            {"b_id": one, "b_sequence": number}
            for number, one in enumerate(sorted(identities), start=first)
        ]
        self._connection.execute(statement, rows)

    def erase(
        self, name: PopulationName, identities: Sequence[IdentityId], *, leaf: LeafId
    ) -> None:
        """Leave tombstones: no envelope, no index, no identifier, no digest of these is left."""
        self.set_state(name, identities, IdentityState.DELETED, leaf=leaf)
        suspended = edge.c.ended_by.in_(select(decision_edge.c.decision_id))
        for part in cut(sorted(identities), SQLITE_KEYS):
            self._connection.execute(
                update(identity)
                .where(identity.c.id.in_(part))
                .values(record_a=None, record_b=None, pinned_at=None)
            )
            self._connection.execute(delete(identifier).where(identifier.c.identity_id.in_(part)))
            touching = edge.c.first.in_(part) | edge.c.second.in_(part)
            self._connection.execute(  # no undoing of a decision brings them back
                update(edge).where(touching, suspended).values(ended_by=leaf)
            )
            self._connection.execute(
                update(identity_version)
                .where(identity_version.c.identity_id.in_(part))
                .values(envelope=None, digest=_NO_DIGEST)
            )

    def pin(self, one: IdentityId, *, at: datetime | None, leaf: LeafId) -> None:
        """Set or take away the pin."""
        self._connection.execute(
            update(identity).where(identity.c.id == one).values(pinned_at=at, leaf=leaf)
        )

    def add_changes(self, changes: Sequence[tuple[UUID, IdentityChange]]) -> None:
        """Store changes under their new IDs."""
        rows = [
            {
                "id": key,
                "identity_id": one.identity,
                "kind": one.kind.value,
                "reason": one.reason.value if one.reason else None,
                "made_by": one.by,
                "at": one.at,
                "leaf": one.leaf,
            }
            for key, one in changes
        ]
        if rows:
            self._connection.execute(insert(identity_change), rows)

    def changes(self, identities: Sequence[IdentityId]) -> list[IdentityChange]:
        """All changes of these identities, oldest first."""
        query = select(identity_change)
        rows = select_in(self._connection, query, identity_change.c.identity_id, sorted(identities))
        return [
            IdentityChange(
                IdentityId(row.identity_id),
                ChangeKind(row.kind),
                ChangeReason(row.reason) if row.reason else None,
                row.made_by,
                row.at,
                LeafId(row.leaf),
            )
            for row in sorted(rows, key=lambda row: (row.at, row.id))
        ]

    def count_consents(self, identities: Sequence[IdentityId]) -> int:
        """How many statements of consent these identities brought."""
        query = select(consent.c.id)
        rows = select_in(self._connection, query, consent.c.identity_id, sorted(identities))
        return sum(1 for _ in rows)

    def pass_consents_on(self, identities: Sequence[IdentityId], *, to: IdentityId | None) -> None:
        """Let the statements of these identities be those of another one, or be gone."""
        for part in cut(sorted(identities), SQLITE_KEYS):
            theirs = consent.c.identity_id.in_(part)
            self._connection.execute(
                delete(consent).where(theirs)
                if to is None
                else update(consent).where(theirs).values(identity_id=to)
            )

    def decisions_about(self, identities: Sequence[IdentityId]) -> list[DecisionId]:
        """IDs under which reasons of decisions about these, and of their undoings, are sealed."""
        found: set[UUID] = set()
        for column in (decision_pair.c.first, decision_pair.c.second):
            query = select(decision_pair.c.decision_id)
            found.update(
                row[0] for row in select_in(self._connection, query, column, sorted(identities))
            )
        undone = select_in(
            self._connection,
            select(decision_undo.c.id),
            decision_undo.c.decision_id,
            sorted(found),
        )
        return [DecisionId(one) for one in sorted(found.union(row[0] for row in undone))]

    def set_reason(self, one: DecisionId, reason: bytes) -> None:
        """Put another envelope in the place of the reason that is sealed under this ID."""
        for table in (decision, decision_undo):
            self._connection.execute(update(table).where(table.c.id == one).values(reason=reason))

    def sources(self, name: PopulationName) -> list[str]:
        """The sources in the order that was set, the most trusted first."""
        query = (
            select(source_rank.c.source)
            .where(source_rank.c.population == name)
            .order_by(source_rank.c.rank)
        )
        return list(self._connection.execute(query).scalars())

    def set_sources(self, name: PopulationName, sources: Sequence[str], *, leaf: LeafId) -> None:
        """Set the order of sources."""
        self._connection.execute(delete(source_rank).where(source_rank.c.population == name))
        rows = [
            {"population": name, "source": source, "rank": rank, "leaf": leaf}
            for rank, source in enumerate(sources)
        ]
        if rows:
            self._connection.execute(insert(source_rank), rows)

    def known_sources(self, name: PopulationName) -> dict[str, int]:
        """How many identities each source has, tombstones not counted."""
        query = (
            select(identity.c.source, func.count())
            .where(identity.c.population == name)
            .where(identity.c.state != IdentityState.DELETED.value)
            .group_by(identity.c.source)
            .order_by(identity.c.source)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}
