"""Keyed rows in the database: blocks in the order of one key, changed only where they are still as they were read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    func,
    literal,
    select,
    update,
)

from keys.blind_index import IndexEpoch
from ttp.core.keyed_rows import IndexedRow, Part, Scope, SealedRow
from ttp.core.names import PopulationName
from ttp.core.persons import IdentityKind
from ttp.storage.guarded_updates import Changes, change_where_unchanged
from ttp.storage.index_epochs import epoch_of
from ttp.storage.index_slots import Slots, slots
from ttp.storage.tables import (
    api_key,
    client,
    decision,
    decision_undo,
    idempotency,
    identifier,
    identity,
    identity_version,
    original,
    pseudonym,
    second_factor,
    used_tokens,
    webhook,
)

_KEYS = {
    Part.PSEUDONYM: pseudonym.c.pseudonym,
    Part.ORIGINAL: original.c.id,
    Part.IDENTITY: identity.c.id,
    Part.IDENTIFIER: identifier.c.identity_id,
    Part.VERSION: identity_version.c.identity_id,
    Part.DECISION: decision.c.id,
    Part.UNDO: decision_undo.c.id,
    Part.USED: used_tokens.c.id,
}
_SEVERAL_PER_KEY = frozenset({Part.IDENTIFIER, Part.VERSION})
_ENVELOPES = {
    Part.PSEUDONYM: pseudonym.c.envelope,
    Part.ORIGINAL: original.c.envelope,
    Part.VERSION: identity_version.c.envelope,
    Part.DECISION: decision.c.reason,
    Part.UNDO: decision_undo.c.reason,
    Part.USED: used_tokens.c.envelope,
}


class SqlKeyedRowStore:
    """Keyed rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_indexed(self, scope: Scope) -> int:
        """How many rows bear a current index."""
        epoch = epoch_of(self._connection, scope)
        return sum(
            self._count(scope, part, _slots(part, epoch).current.is_not(None))
            for part in scope.indexed
        )

    def count_unindexed(self, scope: Scope) -> int:
        """How many rows with a current index lack the next one."""
        epoch = epoch_of(self._connection, scope)
        return sum(
            self._count(scope, part, _lacks_next(_slots(part, epoch))) for part in scope.indexed
        )

    def unindexed(
        self, scope: Scope, part: Part, *, after: str | None, limit: int
    ) -> list[IndexedRow]:
        """Rows with a current index that lack the next one, in the order of keys."""
        index = _slots(part, epoch_of(self._connection, scope))
        query = _with_envelope(part, index).where(_in_scope(part, scope), _lacks_next(index))
        return [
            IndexedRow(
                str(row.key),
                row.current,
                _row_name(part, row.key, row.version),
                row.envelope,
                row.source,
                row.kind == IdentityKind.ENCODED.value,
            )
            for row in self._connection.execute(_block(query, part, after, limit))
        ]

    def fill(
        self, scope: Scope, part: Part, rows: Sequence[IndexedRow], nexts: Sequence[bytes]
    ) -> None:
        """Give rows their next index, unless they changed since they were read."""
        index = _slots(part, epoch_of(self._connection, scope))
        changes = Changes(
            [_key(part, row.key) for row in rows], [row.current for row in rows], nexts
        )
        where = _in_scope(part, scope)
        change_where_unchanged(
            self._connection, _KEYS[part], index.current, index.next, changes, where
        )

    def count_stale(self, scope: Scope) -> int:
        """How many rows have something in the slot that is not current."""
        epoch = epoch_of(self._connection, scope)
        return sum(
            self._count(scope, part, _slots(part, epoch).next.is_not(None))
            for part in scope.indexed
        )

    def clear(
        self, scope: Scope, part: Part, *, after: str | None, limit: int
    ) -> tuple[int, str | None]:
        """Empty the slot that is not current in a block of rows; returns how many and the last key, None at the end."""
        key, stale = _KEYS[part], _slots(part, epoch_of(self._connection, scope)).next
        where = _in_scope(part, scope) & stale.is_not(None)
        block = list(
            self._connection.execute(_block(select(key).where(where), part, after, limit)).scalars()
        )
        if not block:
            return 0, None
        self._connection.execute(
            update(key.table).where(where, key >= block[0], key <= block[-1]).values({stale: None})
        )
        return len(block), str(block[-1])

    # envelopes

    def count_sealed(
        self, scope: Scope, *, version: int | None = None, except_version: int | None = None
    ) -> int:
        """How many envelopes there are, under one key version or under all but one."""
        total = 0
        for part in scope.sealed:
            envelope = _ENVELOPES[part]
            where: ColumnElement[bool] = envelope.is_not(None)
            if version is not None:
                where &= _named_version(envelope) == version.to_bytes(2, "big")
            if except_version is not None:
                where &= _named_version(envelope) != except_version.to_bytes(2, "big")
            total += self._count(scope, part, where)
        return total

    def sealed_otherwise(
        self, scope: Scope, part: Part, *, version: int, after: str | None, limit: int
    ) -> list[SealedRow]:
        """Envelopes under other key versions than this one, in the order of keys."""
        envelope = _ENVELOPES[part]
        number = identity_version.c.version if part is Part.VERSION else literal(0)
        query = select(
            _KEYS[part].label("key"), envelope.label("envelope"), number.label("version")
        ).where(
            _in_scope(part, scope),
            envelope.is_not(None),
            _named_version(envelope) != version.to_bytes(2, "big"),
        )
        return [
            SealedRow(str(row.key), _row_name(part, row.key, row.version), row.envelope)
            for row in self._connection.execute(_block(query, part, after, limit))
        ]

    def rewrap(
        self, scope: Scope, part: Part, rows: Sequence[SealedRow], envelopes: Sequence[bytes]
    ) -> None:
        """Exchange the envelopes of rows, unless they changed since they were read."""
        envelope = _ENVELOPES[part]
        changes = Changes(
            [_key(part, row.key) for row in rows], [row.envelope for row in rows], envelopes
        )
        where = _in_scope(part, scope)
        change_where_unchanged(self._connection, _KEYS[part], envelope, envelope, changes, where)

    # keys of the center

    def count_clients(self, *, version: int) -> int:
        """How many API keys that were not revoked have a digest under this version of the client key."""
        query = select(func.count()).select_from(api_key).join(client)
        return self._connection.execute(
            query.where(
                api_key.c.key_version == version,
                api_key.c.revoked_at.is_(None),
                client.c.revoked_at.is_(None),
            )
        ).scalar_one()

    def count_answers(self, *, version: int) -> int:
        """How many kept answers, second factors and webhooks are sealed under this version of the session key."""
        sealed = (idempotency.c.sealed, second_factor.c.sealed, webhook.c.secret)
        counts = [
            select(func.count())
            .where(_named_version(column) == version.to_bytes(2, "big"))
            .scalar_subquery()
            for column in sealed
        ]
        return int(self._connection.execute(select(counts[0] + counts[1] + counts[2])).scalar_one())

    def _count(self, scope: Scope, part: Part, where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(_KEYS[part].table)
        return self._connection.execute(query.where(_in_scope(part, scope), where)).scalar_one()


def _slots(part: Part, epoch: IndexEpoch) -> Slots:
    return slots(_KEYS[part].table, epoch, column="record" if part is Part.IDENTITY else "index")


def _lacks_next(index: Slots) -> ColumnElement[bool]:
    return index.current.is_not(None) & index.next.is_(None)


def _in_scope(part: Part, scope: Scope) -> ColumnElement[bool]:
    """That a row belongs to the scope; rows without a column for it by the row they belong to."""
    table = _KEYS[part].table
    if scope.population is None:
        return table.c.domain_id == scope.domain_id
    if part is Part.VERSION:
        owners = select(identity.c.id).where(identity.c.population == scope.population)
        return identity_version.c.identity_id.in_(owners)
    if part is Part.UNDO:
        owners = select(decision.c.id).where(decision.c.population == scope.population)
        return decision_undo.c.decision_id.in_(owners)
    return table.c.population == PopulationName(scope.population)


def _with_envelope(part: Part, index: Slots) -> Select[Any]:
    """Rows with the envelope from which their index is made: that of their identity's present version."""
    columns = (_KEYS[part].label("key"), index.current.label("current"))
    if part in {Part.PSEUDONYM, Part.ORIGINAL}:
        envelope = _ENVELOPES[part]
        query = select(
            *columns,
            envelope.label("envelope"),
            literal(0).label("version"),
            literal("").label("source"),
            literal("").label("kind"),
        )
        return query.where(envelope.is_not(None))
    query = select(
        *columns,
        identity_version.c.envelope,
        identity_version.c.version,
        identity.c.source,
        identity.c.kind,
    ).select_from(identity)
    if part is Part.IDENTIFIER:
        query = query.join(identifier, identifier.c.identity_id == identity.c.id)
    present = (identity_version.c.identity_id == identity.c.id) & (
        identity_version.c.version == identity.c.version
    )
    return query.join(identity_version, present).where(identity_version.c.envelope.is_not(None))


def _block(query: Select[Any], part: Part, after: str | None, limit: int) -> Select[Any]:
    """The next rows; where several share a key, those done before are told by what was done to them."""
    key = _KEYS[part]
    if after is not None:
        begin = _key(part, after)
        query = query.where(key >= begin if part in _SEVERAL_PER_KEY else key > begin)
    return query.order_by(key).limit(limit)


def _key(part: Part, text_of_key: str) -> str | UUID:
    return text_of_key if part is Part.PSEUDONYM else UUID(text_of_key)


def _row_name(part: Part, key: str | UUID, version: int) -> bytes:
    """The immutable public part of the row that holds the envelope."""
    if isinstance(key, str):
        return key.encode()
    if part in {Part.IDENTITY, Part.IDENTIFIER, Part.VERSION}:
        return key.bytes + version.to_bytes(4, "big")
    return key.bytes


def _named_version(envelope: ColumnElement[Any]) -> ColumnElement[bytes]:
    """The two bytes behind the format byte, in which an envelope names its key version."""
    return func.substr(envelope, 2, 2, type_=LargeBinary)
