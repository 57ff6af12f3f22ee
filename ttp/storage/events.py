"""Events and receipts in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    false,
    insert,
    or_,
    select,
    update,
)

from ttp.core.events import Cursor, Event, FeedKind, Interest, Told
from ttp.core.names import IdentityId, LeafId, Pseudonym
from ttp.storage.batches import select_in
from ttp.storage.tables import audit_leaf, event, pseudonym_told
from ttp.storage.upserts import insert_free

_UNPLACED = select(event.c.id).where(event.c.position.is_(None)).limit(1)
_PLACE_OF_LEAF = select(audit_leaf.c.position).where(audit_leaf.c.id == event.c.leaf)
_PLACE = (
    update(event)
    .where(
        event.c.position.is_(None),
        _PLACE_OF_LEAF.where(audit_leaf.c.position.is_not(None)).exists(),
    )
    .values(position=_PLACE_OF_LEAF.scalar_subquery())
)


class SqlEventStore:
    """Events of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[Event]) -> None:
        """Store events of an act whose leaf has no place yet."""
        if events:
            self._connection.execute(insert(event), [_columns(one) for one in events])

    def place(self) -> int:
        """Give events the positions of their leaves, where those have got one; returns how many."""
        if self._connection.execute(_UNPLACED).one_or_none() is None:
            return 0
        return self._connection.execute(_PLACE).rowcount

    def after(self, cursor: Cursor, interest: Interest, *, limit: int) -> list[Event]:
        """The next placed events that are of interest, in order."""
        query = select(event).where(_later(cursor), *_wanted(interest))
        query = query.order_by(event.c.position, event.c.number)
        if interest.recipient is None:
            return [_event(row) for row in self._connection.execute(query.limit(limit))]
        return self._received(query, interest.recipient, limit)

    def newest(self) -> Cursor:
        """The place of the newest event."""
        query = select(event.c.position, event.c.number).where(event.c.position.is_not(None))
        query = query.order_by(event.c.position.desc(), event.c.number.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return Cursor(row.position, row.number) if row else Cursor()

    def note_told(self, domain: str, recipient: str, told: Sequence[Told]) -> None:
        """Remember who was given which pseudonyms."""
        rows = [
            {
                "domain": domain,
                "pseudonym": one.pseudonym,
                "recipient": recipient,
                "identity_id": one.identity,
            }
            for one in told
        ]
        if rows:
            insert_free(self._connection, pseudonym_told, rows)

    def pass_on(self, domain: str, *, given: str, to: str) -> None:
        """Remember that who is named by ``to`` was given everything that ``given`` stands for."""
        query = select(pseudonym_told.c.identity_id, pseudonym_told.c.pseudonym)
        rows = self._connection.execute(
            query.where(pseudonym_told.c.domain == domain, pseudonym_told.c.recipient == given)
        ).all()
        self.note_told(domain, to, [Told(row.identity_id, row.pseudonym) for row in rows])

    def told_of(
        self, domain: str, identities: Sequence[IdentityId]
    ) -> dict[IdentityId, frozenset[Pseudonym]]:
        """The pseudonyms that anybody was given for each of these records."""
        query = select(pseudonym_told.c.identity_id, pseudonym_told.c.pseudonym)
        query = query.where(pseudonym_told.c.domain == domain)
        found: dict[IdentityId, set[Pseudonym]] = {}
        rows = select_in(self._connection, query, pseudonym_told.c.identity_id, sorted(identities))
        for row in rows:
            found.setdefault(IdentityId(row.identity_id), set()).add(Pseudonym(row.pseudonym))
        return {identity: frozenset(told) for identity, told in found.items()}

    def receipts(self, domain: str, pseudonyms: Sequence[Pseudonym]) -> list[tuple[str, Told]]:
        """Who was given these pseudonyms, and for which records; by recipient, record and pseudonym."""
        query = select(pseudonym_told).where(pseudonym_told.c.domain == domain)
        rows = select_in(self._connection, query, pseudonym_told.c.pseudonym, sorted(pseudonyms))
        found = [
            (row.recipient, Told(IdentityId(row.identity_id), Pseudonym(row.pseudonym)))
            for row in rows
        ]
        return sorted(found, key=lambda one: (one[0], one[1].identity, one[1].pseudonym))

    def recipients(
        self, domain: str, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, frozenset[str]]:
        """Who was given each of these pseudonyms; absent: nobody."""
        found: dict[Pseudonym, set[str]] = {}
        for recipient, told in self.receipts(domain, pseudonyms):
            found.setdefault(told.pseudonym, set()).add(recipient)
        return {pseudonym: frozenset(names) for pseudonym, names in found.items()}

    def _received(self, query: Select[Any], recipient: str, limit: int) -> list[Event]:
        """Of the events those that everybody gets or this recipient; read in blocks."""
        found: list[Event] = []
        for row in self._connection.execute(query.execution_options(yield_per=limit)):
            if row.recipients is None or recipient in row.recipients:
                found.append(_event(row))
            if len(found) == limit:
                break
        return found


def _later(cursor: Cursor) -> ColumnElement[bool]:
    return or_(
        event.c.position > cursor.position,
        and_(event.c.position == cursor.position, event.c.number > cursor.number),
    )


def _wanted(interest: Interest) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [event.c.position.is_not(None)]
    if interest.kinds is not None:
        wanted.append(event.c.kind.in_(sorted(kind.value for kind in interest.kinds)))
    if interest.domains is not None:
        wanted.append(event.c.domain.in_(sorted(interest.domains)) if interest.domains else false())
    if interest.projects is not None:
        wanted.append(
            or_(event.c.project.is_(None), event.c.project.in_(sorted(interest.projects)))
        )
    return wanted


def _columns(one: Event) -> dict[str, object]:
    return {
        "id": one.id,
        "leaf": one.leaf,
        "number": one.number,
        "at": one.at,
        "kind": one.kind.value,
        "domain": one.domain,
        "project": one.project,
        "items": [dict(item) for item in one.items],
        "recipients": one.recipients,
    }


def _event(row: Row[Any]) -> Event:
    return Event(
        row.id,
        LeafId(row.leaf),
        row.number,
        row.at,
        FeedKind(row.kind),
        row.domain,
        row.project,
        row.items,
        row.recipients,
        row.position,
    )
