"""Pseudonyms in the database: batches only, uniqueness by constraint, losers of a race read the winner's row."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, Table, delete, func, select, update

from keys.randomness import ordered_uuid7s
from ttp.core.domains import Domain
from ttp.core.names import LeafId, Pseudonym
from ttp.core.pseudonyms import MAXIMAL_ITEMS, Link, OriginalRow, PseudonymState
from ttp.storage.batches import SQLITE_KEYS, cut, is_postgresql, select_in
from ttp.storage.driver import byte_array, fetch, text_array
from ttp.storage.index_slots import slots
from ttp.storage.sqlite_batches import as_stored, fetch_among, insert_many
from ttp.storage.tables import original, pseudonym, secondary_pseudonym
from ttp.storage.upserts import insert_free

_INSERT = """
INSERT INTO pseudonym (domain_id, pseudonym, {current}, {next}, envelope, created_at, leaf)
SELECT %(domain)s, p, i, n, e, %(at)s, %(leaf)s
FROM unnest(%(pseudonyms)s::text[], %(currents)s::bytea[], %(nexts)s::bytea[],
            %(envelopes)s::bytea[]) AS rows (p, i, n, e)
ON CONFLICT DO NOTHING
RETURNING {current}
"""
INSERT_LINKS = _INSERT.format(current="index_a", next="index_b")
_INSERT_TURNED = _INSERT.format(current="index_b", next="index_a")
_FIND = """
SELECT sought.value, found.pseudonym FROM unnest(%(indexes)s::bytea[]) AS sought (value)
CROSS JOIN LATERAL (
    SELECT pseudonym FROM pseudonym WHERE domain_id = %(domain)s AND {current} = sought.value LIMIT 1
) AS found
"""
FIND_LINKS = _FIND.format(current="index_a")
_FIND_TURNED = _FIND.format(current="index_b")
ENVELOPES = """
SELECT sought.value, found.envelope FROM unnest(%(pseudonyms)s::text[]) AS sought (value)
CROSS JOIN LATERAL (
    SELECT envelope FROM pseudonym
    WHERE domain_id = %(domain)s AND pseudonym = sought.value AND envelope IS NOT NULL LIMIT 1
) AS found
"""
_SQLITE_INSERT = """
INSERT INTO pseudonym (domain_id, pseudonym, {current}, {next}, envelope, created_at, leaf)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_SQLITE_FIND = """
SELECT {current}, pseudonym FROM pseudonym WHERE domain_id = ? AND {current} IN ({{keys}})
"""
_SQLITE_ENVELOPES = """
SELECT pseudonym, envelope FROM pseudonym
WHERE domain_id = ? AND envelope IS NOT NULL AND pseudonym IN ({keys})
"""


class SqlPseudonymStore:
    """Pseudonyms of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def most_atomic(self) -> int:
        """How many items a batch may hold that is done as a whole or not at all."""
        return MAXIMAL_ITEMS if is_postgresql(self._connection) else SQLITE_KEYS

    # single-pseudonym domains

    def find(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, Pseudonym]:
        """The current pseudonym of each blind index that has one."""
        if not indexes:
            return {}
        if is_postgresql(self._connection):
            statement = _FIND_TURNED if domain.epoch.turned else FIND_LINKS
            sought = {"domain": domain.id, "indexes": byte_array(indexes)}
            return dict(fetch(self._connection, statement, sought, keep_plan=False))
        statement = _SQLITE_FIND.format(current=slots(pseudonym, domain.epoch).current.name)
        return dict(fetch_among(self._connection, statement, domain.id, indexes))

    def add_missing(self, domain: Domain, rows: Sequence[Link], *, leaf: LeafId) -> set[bytes]:
        """Insert, in the order of the index, the rows whose index and pseudonym are both free."""
        if not rows:
            return set()
        ordered = sorted(rows, key=lambda row: row.index_current)
        if is_postgresql(self._connection):
            return self._add_arrays(domain, ordered, leaf)
        return self._add_rows(domain, ordered, leaf)

    def _add_arrays(self, domain: Domain, rows: Sequence[Link], leaf: LeafId) -> set[bytes]:
        pseudonyms, currents, nexts, envelopes = zip(*rows, strict=True)
        columns = {
            "domain": domain.id,
            "at": datetime.now(UTC),
            "leaf": leaf,
            "pseudonyms": text_array(pseudonyms),
            "currents": byte_array(currents),
            "nexts": byte_array(nexts),
            "envelopes": byte_array(envelopes),
        }
        statement = _INSERT_TURNED if domain.epoch.turned else INSERT_LINKS
        return {row[0] for row in fetch(self._connection, statement, columns)}

    def _add_rows(self, domain: Domain, rows: Sequence[Link], leaf: LeafId) -> set[bytes]:
        index = slots(pseudonym, domain.epoch)
        columns = {"current": index.current.name, "next": index.next.name}
        at = as_stored(self._connection, pseudonym.c.created_at, datetime.now(UTC))
        by = as_stored(self._connection, pseudonym.c.leaf, leaf)
        values = [
            (domain.id, token, current, following, envelope, at, by)
            for token, current, following, envelope in rows
        ]
        inserted = insert_many(self._connection, _SQLITE_INSERT.format(**columns), values)
        drawn = {row.index_current: row.pseudonym for row in rows}
        if inserted == len(rows):
            return set(drawn)
        stored = self.find(domain, list(drawn))
        return {index for index, token in stored.items() if drawn[index] == token}

    def envelopes(self, domain: Domain, pseudonyms: Sequence[Pseudonym]) -> dict[Pseudonym, bytes]:
        """The envelope of each pseudonym whose original is still linked."""
        if not pseudonyms:
            return {}
        if is_postgresql(self._connection):
            sought = {"domain": domain.id, "pseudonyms": text_array(pseudonyms)}
            return dict(fetch(self._connection, ENVELOPES, sought, keep_plan=False))
        return dict(fetch_among(self._connection, _SQLITE_ENVELOPES, domain.id, pseudonyms))

    def end(
        self, domain: Domain, indexes: Sequence[bytes], *, state: PseudonymState, leaf: LeafId
    ) -> dict[bytes, Pseudonym]:
        """Destroy the links of these indexes for good, leaving tombstones; returns what was ended."""
        known = self.find(domain, indexes)
        index, token = slots(pseudonym, domain.epoch).current, pseudonym.c.pseudonym
        ended: set[str] = set()
        for part in cut(sorted(known.items()), 1000):
            keys, tokens = zip(*part, strict=True)
            changed = (
                update(pseudonym)
                .where(pseudonym.c.domain_id == domain.id, index.in_(keys), token.in_(tokens))
                .values(index_a=None, index_b=None, envelope=None, state=int(state), leaf=leaf)
            )
            ended.update(self._connection.execute(changed.returning(token)).scalars())
        return {key: one for key, one in known.items() if one in ended}  # others ended the rest

    def count(self, domain: Domain) -> int:
        """How many pseudonyms the domain has issued, tombstones included."""
        table = secondary_pseudonym if domain.multi else pseudonym
        return self._connection.execute(
            select(func.count()).select_from(table).where(table.c.domain_id == domain.id)
        ).scalar_one()

    def taken(self, domain: Domain) -> set[Pseudonym]:
        """Every string the domain has issued, tombstones included; for small domains only."""
        table = secondary_pseudonym if domain.multi else pseudonym
        query = select(table.c.pseudonym).where(table.c.domain_id == domain.id)
        return {Pseudonym(row[0]) for row in self._connection.execute(query)}

    # multi-pseudonym domains

    def find_originals(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
        """The row of each original of a multi-pseudonym domain that is known."""
        index = slots(original, domain.epoch).current
        query = select(index.label("found"), original.c.id).where(original.c.domain_id == domain.id)
        rows = select_in(self._connection, query, index, indexes)
        return {row.found: row.id for row in rows}

    def add_originals(self, domain: Domain, rows: Sequence[OriginalRow], *, leaf: LeafId) -> None:
        """Insert the originals whose index is free."""
        at = datetime.now(UTC)
        index = slots(original, domain.epoch)
        values = [
            {
                "id": row.id,
                "domain_id": domain.id,
                index.current.name: row.index_current,
                index.next.name: row.index_next,
                "envelope": row.envelope,
                "created_at": at,
                "leaf": leaf,
            }
            for row in sorted(rows, key=lambda row: row.index_current)
        ]
        insert_free(self._connection, original, values)

    def secondaries(self, domain: Domain, originals: Sequence[UUID]) -> dict[UUID, list[Pseudonym]]:
        """The secondary pseudonyms of each original, in order of creation."""
        table = secondary_pseudonym
        query = (
            select(table.c.original_id, table.c.pseudonym)
            .where(table.c.domain_id == domain.id, table.c.state == int(PseudonymState.ACTIVE))
            .order_by(table.c.ordinal)
        )
        found: dict[UUID, list[Pseudonym]] = defaultdict(list)
        for row in select_in(self._connection, query, table.c.original_id, originals):
            found[row.original_id].append(Pseudonym(row.pseudonym))
        return found

    def add_secondaries(
        self, domain: Domain, rows: Sequence[tuple[Pseudonym, UUID]], *, leaf: LeafId
    ) -> set[Pseudonym]:
        """Insert secondary pseudonyms whose string is free; returns those inserted.

        They are created in the order given, and inserted in the order of the strings, so that two
        requests do not wait for each other in a circle.
        """
        at = datetime.now(UTC)
        ordinals = ordered_uuid7s(time.time_ns(), len(rows))
        values = [
            {
                "domain_id": domain.id,
                "pseudonym": token,
                "original_id": original_id,
                "ordinal": ordinal,
                "created_at": at,
                "leaf": leaf,
            }
            for (token, original_id), ordinal in sorted(zip(rows, ordinals, strict=True))
        ]
        insert_free(self._connection, secondary_pseudonym, values)
        table = secondary_pseudonym
        query = select(table.c.pseudonym).where(
            table.c.domain_id == domain.id, table.c.leaf == leaf
        )
        stored = select_in(self._connection, query, table.c.pseudonym, [token for token, _ in rows])
        return {Pseudonym(row.pseudonym) for row in stored}

    def take_back_secondaries(
        self, domain: Domain, originals: Sequence[UUID], *, leaf: LeafId
    ) -> None:
        """Delete what this act inserted for these originals in this transaction and tells nobody."""
        self._take_back(secondary_pseudonym, "original_id", domain, originals, leaf)

    def take_back_originals(
        self, domain: Domain, originals: Sequence[UUID], *, leaf: LeafId
    ) -> None:
        """Delete those of these originals that this act inserted in this transaction; nothing hangs on them."""
        self._take_back(original, "id", domain, originals, leaf)

    def _take_back(
        self, table: Table, column: str, domain: Domain, keys: Sequence[UUID], leaf: LeafId
    ) -> None:
        own = delete(table).where(table.c.domain_id == domain.id, table.c.leaf == leaf)
        for part in cut(sorted(keys), 1000):
            self._connection.execute(own.where(table.c[column].in_(part)))

    def original_envelopes(
        self, domain: Domain, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, tuple[UUID, bytes]]:
        """The row and envelope of the original on which each secondary pseudonym hangs."""
        table = secondary_pseudonym
        query = (
            select(table.c.pseudonym, original.c.id, original.c.envelope)
            .join(original, original.c.id == table.c.original_id)
            .where(
                table.c.domain_id == domain.id,
                table.c.state != int(PseudonymState.EXPIRED),
                original.c.envelope.is_not(None),
            )
        )
        rows = select_in(self._connection, query, table.c.pseudonym, pseudonyms)
        return {Pseudonym(row.pseudonym): (row.id, row.envelope) for row in rows}

    def end_originals(
        self, domain: Domain, indexes: Sequence[bytes], *, state: PseudonymState, leaf: LeafId
    ) -> dict[bytes, tuple[Pseudonym, ...]]:
        """Like ``end``, in a multi-pseudonym domain: all secondary pseudonyms of an original end with it."""
        known = self.find_originals(domain, indexes)
        hanging = self.secondaries(domain, list(known.values()))
        ended: set[UUID] = set()
        for part in cut(sorted(known.values()), 1000):
            changed = (
                update(original)
                .where(original.c.id.in_(part), original.c.envelope.is_not(None))
                .values(index_a=None, index_b=None, envelope=None, leaf=leaf)
            )
            ended.update(self._connection.execute(changed.returning(original.c.id)).scalars())
            self._connection.execute(
                update(secondary_pseudonym)
                .where(
                    secondary_pseudonym.c.original_id.in_(part),
                    secondary_pseudonym.c.state == int(PseudonymState.ACTIVE),
                )
                .values(state=int(state), leaf=leaf)
            )
        return {index: tuple(hanging[row]) for index, row in known.items() if row in ended}
