"""Pages of pseudonyms in the database: along the primary key, so that the millionth page costs what the first does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from ttp.core.domains import Domain
from ttp.core.names import Pseudonym
from ttp.core.pseudonym_pages import ListedPseudonym
from ttp.core.pseudonyms import PseudonymState
from ttp.storage.tables import pseudonym, secondary_pseudonym


class SqlPseudonymPages:
    """Pages of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def after(self, domain: Domain, text: str, *, limit: int) -> list[ListedPseudonym]:
        """The first ``limit`` pseudonyms of a domain that sort after this string."""
        table = _table(domain)
        query = (
            _in_use(table, domain, table.c.pseudonym, table.c.created_at)
            .where(table.c.pseudonym > text)
            .order_by(table.c.pseudonym)
            .limit(limit)
        )
        rows = self._connection.execute(query)
        return [ListedPseudonym(Pseudonym(row.pseudonym), row.created_at) for row in rows]

    def count(self, domain: Domain) -> int:
        """How many pseudonyms of a domain are in use."""
        table = _table(domain)
        query = _in_use(table, domain, func.count()).select_from(table)
        return int(self._connection.execute(query).scalar_one())


def _table(domain: Domain) -> Table:
    return secondary_pseudonym if domain.multi else pseudonym


def _in_use(table: Table, domain: Domain, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        table.c.domain_id == domain.id, table.c.state == int(PseudonymState.ACTIVE)
    )
