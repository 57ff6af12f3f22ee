"""Populations and identities in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    distinct,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from keys.blind_index import IndexEpoch
from ttp.core.errors import UnknownPopulation
from ttp.core.identities import IdentityRow, KnownRecord, Population, StoredVersion
from ttp.core.names import IdentityId, LeafId, PersonId, PopulationName
from ttp.core.persons import Identity, IdentityKind, IdentityState
from ttp.storage.batches import cut, is_postgresql, select_in
from ttp.storage.identity_rows import RENEW, new_identifiers, new_identity, new_version
from ttp.storage.index_slots import slots
from ttp.storage.tables import (
    awaited_pair,
    awaited_relation,
    identifier,
    identity,
    identity_version,
    population,
)
from ttp.storage.upserts import insert_free

_BLOCK = 5000
_LOCK_CLASS = 0x74747000  # the first half of the advisory lock's key, this program's own

_EVERY = select(
    identity.c.id,
    identity.c.kind,
    identity.c.source,
    identity.c.person,
    identity.c.ordinal,
    identity.c.sequence,
    identity.c.version,
    identity.c.created_at,
    identity.c.state,
    identity_version.c.envelope,
).join(
    identity_version,
    (identity_version.c.identity_id == identity.c.id)
    & (identity_version.c.version == identity.c.version),
)
_AWAITING = or_(
    exists(select(awaited_relation.c.digest)), exists(select(awaited_pair.c.first))
).label("awaiting")
_PRESENT = _EVERY.where(identity_version.c.envelope.is_not(None))


class SqlIdentityStore:
    """Populations and identities of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._epochs: dict[str, IndexEpoch] = {}  # as read last; the caller's indexes were made so

    def add_population(
        self, name: PopulationName, *, index_version: int, at: datetime
    ) -> Population:
        """Store the population if it is not known yet, and return it."""
        row = {"name": name, "sequence": 0, "index_version": index_version, "created_at": at}
        insert_free(self._connection, population, [row])
        return self.population(name)

    def population(self, name: str) -> Population:
        """The population. Raises UnknownPopulation."""
        row = self._connection.execute(
            select(population, _AWAITING).where(population.c.name == name)
        ).one_or_none()
        if row is None:
            raise UnknownPopulation
        epoch = IndexEpoch(row.index_version, row.next_index_version, row.index_turned)
        self._epochs[row.name] = epoch
        return Population(
            PopulationName(row.name), row.sequence, epoch, row.created_at, row.awaiting
        )

    def populations(self) -> list[Population]:
        """All populations by name."""
        names = self._connection.execute(select(population.c.name).order_by(population.c.name))
        return [self.population(row.name) for row in names]

    def lock(self, name: PopulationName) -> Population:
        """Take the one lock under which identities and edges of a population change, until the transaction ends.

        On SQLite the writing transaction itself is that lock.
        """
        if is_postgresql(self._connection):
            key = func.hashtext(literal(str(name)))
            self._connection.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, key)))
        return self.population(name)

    def add(
        self, name: PopulationName, rows: Sequence[IdentityRow], *, at: datetime, leaf: LeafId
    ) -> None:
        """Insert identities, each a person of its own, and new versions; the population's lock is held."""
        if not rows:
            return
        last = self._connection.execute(
            update(population)
            .where(population.c.name == name)
            .values(sequence=population.c.sequence + len(rows))
            .returning(population.c.sequence)
        ).scalar_one()
        epoch = self._epoch(name)
        numbered = list(enumerate(rows, start=last - len(rows) + 1))
        fresh = [
            new_identity(name, row, number, epoch, at=at, leaf=leaf)
            for number, row in numbered
            if row.version == 1
        ]
        again = [
            {"b_id": row.id, "b_version": row.version, "b_sequence": number, "b_leaf": leaf}
            for number, row in numbered
            if row.version > 1
        ]
        if fresh:
            self._connection.execute(insert(identity), fresh)
        if again:
            self._connection.execute(RENEW, again)
            for part in cut([row["b_id"] for row in again], _BLOCK):
                self._connection.execute(
                    delete(identifier).where(identifier.c.identity_id.in_(part))
                )
        self._connection.execute(
            insert(identity_version), [new_version(row, at=at, leaf=leaf) for row in rows]
        )
        identifiers = [one for row in rows for one in new_identifiers(name, row, epoch)]
        if identifiers:
            self._connection.execute(insert(identifier), identifiers)

    def known(self, name: PopulationName, records: Sequence[bytes]) -> dict[bytes, KnownRecord]:
        """What is stored under each record index."""
        index = slots(identity, self._epoch(name), column="record").current
        query = (
            select(
                index.label("found"),
                identity.c.id,
                identity.c.person,
                identity.c.version,
                identity.c.state,
                identity_version.c.digest,
            )
            .join(
                identity_version,
                (identity_version.c.identity_id == identity.c.id)
                & (identity_version.c.version == identity.c.version),
            )
            .where(identity.c.population == name)
        )
        rows = select_in(self._connection, query, index, records)
        return {
            row.found: KnownRecord(
                IdentityId(row.id),
                PersonId(row.person),
                row.version,
                row.digest,
                row.state == IdentityState.ACTIVE.value,
            )
            for row in rows
        }

    def get(self, identities: Sequence[IdentityId]) -> dict[IdentityId, Identity]:
        """The identities that exist among these."""
        rows = select_in(self._connection, select(identity), identity.c.id, identities)
        return {row.id: _identity(row) for row in rows}

    def members(self, persons: Sequence[PersonId], *, lock: bool = False) -> list[Identity]:
        """The identities of these persons by ID; ``lock`` holds them still, in that order."""
        query = select(identity).order_by(identity.c.id)
        if lock:
            query = query.with_for_update()
        rows = select_in(self._connection, query, identity.c.person, persons)
        return sorted(map(_identity, rows), key=lambda one: one.id)

    def changed_since(
        self, name: PopulationName, sequence: int, *, limit: int
    ) -> list[StoredVersion]:
        """Present versions that changed after this position, in the order of change; tombstones with no envelope."""
        query = (
            _EVERY.where(identity.c.population == name, identity.c.sequence > sequence)
            .order_by(identity.c.sequence)
            .limit(limit)
        )
        return [_stored(row) for row in self._connection.execute(query)]

    def versions(self, identities: Sequence[IdentityId]) -> dict[IdentityId, StoredVersion]:
        """The present version of each identity."""
        rows = select_in(self._connection, _PRESENT, identity.c.id, identities)
        return {row.id: _stored(row) for row in rows}

    def history(self, identity_id: IdentityId) -> list[tuple[int, datetime, bytes]]:
        """Number, time and envelope of every version, oldest first."""
        query = (
            select(
                identity_version.c.version,
                identity_version.c.created_at,
                identity_version.c.envelope,
            )
            .where(
                identity_version.c.identity_id == identity_id,
                identity_version.c.envelope.is_not(None),
            )
            .order_by(identity_version.c.version)
        )
        return [
            (row.version, row.created_at, row.envelope) for row in self._connection.execute(query)
        ]

    def all_versions(self, name: PopulationName) -> Iterator[StoredVersion]:
        """The present versions of a whole population by age."""
        after = 0
        while True:
            block = self._block(
                _PRESENT.where(identity.c.population == name, identity.c.ordinal > after)
            )
            yield from block
            if len(block) < _BLOCK:
                return
            after = block[-1].ordinal

    def present_after(
        self, name: PopulationName, ordinal: int, *, limit: int
    ) -> list[StoredVersion]:
        """The present versions of the identities younger than this age, oldest first."""
        query = _PRESENT.where(identity.c.population == name, identity.c.ordinal > ordinal)
        rows = self._connection.execute(query.order_by(identity.c.ordinal).limit(limit))
        return [_stored(row) for row in rows]

    def with_identifier(
        self, name: PopulationName, indexes: Sequence[bytes]
    ) -> dict[bytes, list[IdentityId]]:
        """The identities that bear each identifier."""
        index = slots(identifier, self._epoch(name)).current
        query = select(index.label("found"), identifier.c.identity_id).where(
            identifier.c.population == name
        )
        found: dict[bytes, list[IdentityId]] = defaultdict(list)
        for row in select_in(self._connection, query, index, indexes):
            found[row.found].append(IdentityId(row.identity_id))
        return dict(found)

    def count(self, name: PopulationName) -> tuple[int, int]:
        """How many identities and how many persons there are, tombstones not counted."""
        row = self._connection.execute(
            select(func.count(), func.count(distinct(identity.c.person))).where(
                identity.c.population == name, identity.c.state != IdentityState.DELETED.value
            )
        ).one()
        return row[0], row[1]

    def _epoch(self, name: PopulationName) -> IndexEpoch:
        return self._epochs.get(name) or self.population(name).epoch

    def _block(self, query: Select[Any]) -> list[StoredVersion]:
        rows = self._connection.execute(query.order_by(identity.c.ordinal).limit(_BLOCK))
        return [_stored(row) for row in rows]


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        IdentityId(row.id),
        PopulationName(row.population),
        IdentityKind(row.kind),
        row.source,
        PersonId(row.person),
        row.ordinal,
        row.version,
        row.created_at,
        IdentityState(row.state),
        row.pinned_at,
    )


def _stored(row: Any) -> StoredVersion:
    return StoredVersion(
        IdentityId(row.id),
        IdentityKind(row.kind),
        row.source,
        PersonId(row.person),
        row.ordinal,
        row.sequence,
        row.version,
        row.created_at,
        row.envelope or b"",
        IdentityState(row.state),
    )
