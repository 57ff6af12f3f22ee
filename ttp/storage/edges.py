"""Edges and persons in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from ttp.core.names import DecisionId, EdgeId, IdentityId, LeafId, PersonId, PopulationName
from ttp.core.persons import Edge, EdgeKind, NewEdge, Pair, pair_of
from ttp.storage import contributions
from ttp.storage.batches import SQLITE_KEYS, cut, select_in
from ttp.storage.tables import decision_edge, decision_undo, edge, identity
from ttp.storage.upserts import insert_free


class SqlEdgeStore:
    """Edges and persons of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        population: PopulationName,
        edges: Sequence[tuple[EdgeId, NewEdge]],
        *,
        at: datetime,
        leaf: LeafId,
    ) -> None:
        """Insert edges; one that stands already (same pair, kind and maker) is left as it is."""
        rows = [
            {
                "id": edge_id,
                "population": population,
                "first": new.pair[0],
                "second": new.pair[1],
                "kind": new.kind.value,
                "made_by": new.made_by,
                "score": new.score,
                "contributions": contributions.written(new.contributions),
                "decision_id": new.decision,
                "created_at": at,
                "leaf": leaf,
            }
            for edge_id, new in edges
        ]
        insert_free(self._connection, edge, rows)

    def standing(
        self, identities: Sequence[IdentityId], kind: EdgeKind | None = None
    ) -> list[Edge]:
        """The standing edges that touch one of the identities."""
        query = select(edge).where(edge.c.ended_at.is_(None))
        if kind is not None:
            query = query.where(edge.c.kind == kind.value)
        return self._touching(query, identities)

    def history(self, identities: Sequence[IdentityId]) -> list[Edge]:
        """All edges that ever touched one of the identities, oldest first."""
        return self._touching(select(edge), identities)

    def end(self, decision: DecisionId, *, by: UUID, at: datetime, leaf: LeafId) -> list[Pair]:
        """Tombstone the edges of a decision; returns their pairs."""
        rows = self._connection.execute(
            update(edge)
            .where(edge.c.decision_id == decision, edge.c.ended_at.is_(None))
            .values(ended_at=at, ended_by=by, ended_leaf=leaf)
            .returning(edge.c.first, edge.c.second)
        )
        return [pair_of(row[0], row[1]) for row in rows]

    def end_some(self, edges: Sequence[EdgeId], *, by: UUID, at: datetime, leaf: LeafId) -> None:
        """Tombstone these edges."""
        for part in cut(sorted(edges), SQLITE_KEYS):
            self._connection.execute(
                update(edge)
                .where(edge.c.id.in_(part), edge.c.ended_at.is_(None))
                .values(ended_at=at, ended_by=by, ended_leaf=leaf)
            )

    def end_made_by(
        self, maker: str, pairs: Sequence[Pair], *, by: UUID, at: datetime, leaf: LeafId
    ) -> list[Pair]:
        """Tombstone the edges of this maker between these pairs; returns the pairs that had one."""
        ended: list[Pair] = []
        for first, second in pairs:
            here = (edge.c.first == first, edge.c.second == second, edge.c.made_by == maker)
            rows = self._connection.execute(
                update(edge)
                .where(*here, edge.c.ended_at.is_(None))
                .values(ended_at=at, ended_by=by, ended_leaf=leaf)
                .returning(edge.c.first, edge.c.second)
            )
            ended += [pair_of(row[0], row[1]) for row in rows]
            self._connection.execute(  # what a decision suspended does not come back with its undoing
                update(edge)
                .where(*here, edge.c.ended_by.in_(select(decision_edge.c.decision_id)))
                .values(ended_by=by, ended_leaf=leaf)
            )
        return ended

    def suspend(
        self, decision: DecisionId, edges: Sequence[EdgeId], *, at: datetime, leaf: LeafId
    ) -> None:
        """End edges by a decision, which remembers them."""
        if not edges:
            return
        rows = [{"decision_id": decision, "edge_id": one} for one in sorted(edges)]
        self._connection.execute(insert(decision_edge), rows)
        self.end_some(edges, by=decision, at=at, leaf=leaf)

    def suspended(self, decision: DecisionId) -> list[Edge]:
        """The edges that this decision ended and that would stand again without it: not those undone meanwhile."""
        undone = select(decision_undo.c.decision_id).where(
            decision_undo.c.decision_id == edge.c.decision_id
        )
        query = (
            select(edge)
            .join(decision_edge, decision_edge.c.edge_id == edge.c.id)
            .where(decision_edge.c.decision_id == decision, edge.c.ended_by == decision)
            .where(~undone.exists())
            .order_by(edge.c.id)
        )
        return [_edge(row) for row in self._connection.execute(query)]

    def resume(self, edges: Sequence[EdgeId]) -> None:
        """Let edges stand again, as they did."""
        for part in cut(sorted(edges), SQLITE_KEYS):
            self._connection.execute(
                update(edge)
                .where(edge.c.id.in_(part))
                .values(ended_at=None, ended_by=None, ended_leaf=None)
            )

    def apart_among(self, persons: Sequence[PersonId]) -> list[tuple[PersonId, PersonId]]:
        """Which of these persons are kept apart from each other."""
        one, other = identity.alias("one"), identity.alias("other")
        query = (
            select(one.c.person.label("a"), other.c.person.label("b"))
            .join_from(edge, one, one.c.id == edge.c.first)
            .join(other, other.c.id == edge.c.second)
            .where(edge.c.ended_at.is_(None), edge.c.kind == EdgeKind.APART.value)
        )
        asked = set(persons)
        rows = select_in(self._connection, query, one.c.person, sorted(asked))
        return [(PersonId(row.a), PersonId(row.b)) for row in rows if row.b in asked]

    def set_persons(self, persons: Sequence[tuple[IdentityId, PersonId]], *, leaf: LeafId) -> None:
        """Store the person of identities whose component changed."""
        if not persons:
            return
        statement = (
            update(identity)
            .where(identity.c.id == bindparam("b_id"))
            .values(person=bindparam("b_person"), leaf=bindparam("b_leaf"))
        )
        rows = [
            {"b_id": one, "b_person": person, "b_leaf": leaf} for one, person in sorted(persons)
        ]
        self._connection.execute(statement, rows)

    def _touching(self, query: Select[Any], identities: Sequence[IdentityId]) -> list[Edge]:
        found = {
            row.id: row
            for column in (edge.c.first, edge.c.second)
            for row in select_in(self._connection, query, column, identities)
        }
        return sorted(map(_edge, found.values()), key=lambda one: (one.created_at, one.id))


def _edge(row: Row[Any]) -> Edge:
    return Edge(
        EdgeId(row.id),
        PopulationName(row.population),
        (IdentityId(row.first), IdentityId(row.second)),
        EdgeKind(row.kind),
        row.made_by,
        row.score,
        contributions.read(row.contributions),
        DecisionId(row.decision_id) if row.decision_id else None,
        row.created_at,
        row.ended_at,
    )
