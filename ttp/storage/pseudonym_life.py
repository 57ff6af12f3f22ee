"""The life of pseudonyms in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, exists, select, update

from ttp.core.domains import Domain
from ttp.core.names import DomainName, LeafId, Pseudonym
from ttp.core.pseudonyms import PseudonymState
from ttp.storage.batches import cut
from ttp.storage.tables import domain as domain_table
from ttp.storage.tables import original, pseudonym, secondary_pseudonym

_AT_ONCE = 1_000
_ACTIVE = int(PseudonymState.ACTIVE)


class SqlLifeStore:
    """Lives of pseudonyms of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, at: datetime) -> list[DomainName]:
        """The domains that hold active pseudonyms whose end has come, by name."""
        domain = domain_table
        waiting = (
            exists().where(table.c.domain_id == domain.c.id, *_is_due(table, at))
            for table in (pseudonym, secondary_pseudonym)
        )
        single, multi = waiting
        query = (
            select(domain.c.name)
            .where(domain.c.expires.is_(True), single | multi)
            .order_by(domain.c.name)
        )
        return [DomainName(name) for name in self._connection.execute(query).scalars()]

    def expire(self, domain: Domain, at: datetime, *, limit: int, leaf: LeafId) -> list[Pseudonym]:
        """End some whose end has come: their links are destroyed, the strings stay as tombstones."""
        table = _table(domain)
        query = (
            select(table.c.pseudonym)
            .where(table.c.domain_id == domain.id, *_is_due(table, at))
            .order_by(table.c.pseudonym)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ended = [Pseudonym(one) for one in self._connection.execute(query).scalars()]
        gone: dict[str, Any] = {"state": int(PseudonymState.EXPIRED), "leaf": leaf}
        if not domain.multi:
            gone |= {"index_a": None, "index_b": None, "envelope": None}
        for part in cut(ended, _AT_ONCE):
            self._connection.execute(
                update(table)
                .where(table.c.domain_id == domain.id, table.c.pseudonym.in_(part))
                .values(**gone)
            )
            if domain.multi:
                self._forget_bare_originals(domain, part, leaf)
        return ended

    def _forget_bare_originals(
        self, domain: Domain, ended: Sequence[Pseudonym], leaf: LeafId
    ) -> None:
        """An original none of whose pseudonyms is left is forgotten with the last of them."""
        own = secondary_pseudonym
        touched = select(own.c.original_id).where(
            own.c.domain_id == domain.id, own.c.pseudonym.in_(ended)
        )
        held = exists().where(own.c.original_id == original.c.id, own.c.state == _ACTIVE)
        self._connection.execute(
            update(original)
            .where(original.c.id.in_(touched), ~held)
            .values(index_a=None, index_b=None, envelope=None, leaf=leaf)
        )


def _table(domain: Domain) -> Table:
    return secondary_pseudonym if domain.multi else pseudonym


def _is_due(table: Table, at: datetime) -> tuple[Any, Any]:
    return table.c.valid_until <= at, table.c.state == _ACTIVE
