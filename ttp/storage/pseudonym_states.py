"""States of pseudonyms in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, select, update

from ttp.core.domains import Domain
from ttp.core.names import LeafId, Pseudonym
from ttp.core.pseudonym_states import Standing
from ttp.core.pseudonyms import Link, PseudonymState
from ttp.storage.batches import cut, select_in
from ttp.storage.index_slots import slots
from ttp.storage.tables import pseudonym, secondary_pseudonym

_REVIVABLE = [
    int(state)
    for state in (PseudonymState.ANONYMIZED, PseudonymState.DELETED, PseudonymState.EXPIRED)
]


class SqlPseudonymStateStore:
    """States of pseudonyms of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(
        self, domain: Domain, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, Standing]:
        """What became of those that were ever issued."""
        table = _table(domain)
        query = select(table.c.pseudonym, table.c.state, table.c.valid_until).where(
            table.c.domain_id == domain.id
        )
        rows = select_in(self._connection, query, table.c.pseudonym, pseudonyms)
        return {
            Pseudonym(row.pseudonym): Standing(PseudonymState(row.state), row.valid_until)
            for row in rows
        }

    def revive(
        self, domain: Domain, rows: Sequence[Link], *, leaf: LeafId, until: datetime | None = None
    ) -> set[bytes]:
        """Link tombstones of a deterministic domain again with the originals they belong to."""
        if not rows:
            return set()
        index = slots(pseudonym, domain.epoch)
        ordered = sorted(rows, key=lambda row: row.index_current)
        statement = (
            update(pseudonym)
            .where(
                pseudonym.c.domain_id == domain.id,
                pseudonym.c.pseudonym == bindparam("token"),
                pseudonym.c.state.in_(_REVIVABLE),
            )
            .values(
                {
                    index.current: bindparam("current"),
                    index.next: bindparam("following"),
                    pseudonym.c.envelope: bindparam("sealed"),
                    pseudonym.c.state: int(PseudonymState.ACTIVE),
                    pseudonym.c.valid_until: until,
                    pseudonym.c.leaf: leaf,
                }
            )
        )
        values = [
            {
                "token": row.pseudonym,
                "current": row.index_current,
                "following": row.index_next,
                "sealed": row.envelope,
            }
            for row in ordered
        ]
        self._connection.execute(statement, values)
        return self._linked(domain, ordered)

    def limit(
        self,
        domain: Domain,
        pseudonyms: Sequence[Pseudonym],
        *,
        until: datetime | None,
        leaf: LeafId,
    ) -> None:
        """Store until when these active pseudonyms are valid; None: without end."""
        table = _table(domain)
        for part in cut(sorted(pseudonyms), 1000):
            self._connection.execute(
                update(table)
                .where(
                    table.c.domain_id == domain.id,
                    table.c.pseudonym.in_(part),
                    table.c.state == int(PseudonymState.ACTIVE),
                )
                .values(valid_until=until, leaf=leaf)
            )

    def _linked(self, domain: Domain, rows: Sequence[Link]) -> set[bytes]:
        index = slots(pseudonym, domain.epoch).current
        query = select(pseudonym.c.pseudonym, index.label("found")).where(
            pseudonym.c.domain_id == domain.id
        )
        tokens = {row.pseudonym: row.index_current for row in rows}
        found = select_in(self._connection, query, pseudonym.c.pseudonym, list(tokens))
        return {row.found for row in found if row.found == tokens[Pseudonym(row.pseudonym)]}


def _table(domain: Domain) -> Table:
    return secondary_pseudonym if domain.multi else pseudonym
