"""Domains in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from keys.blind_index import IndexEpoch
from ttp.core.domains import Domain, DomainKind, NewDomain, PseudonymForm
from ttp.core.errors import AlreadyExists, UnknownDomain
from ttp.core.names import DomainName, ProjectName
from ttp.storage.tables import domain, domain_alias

_NAMED = (
    select(domain)
    .join(domain_alias, domain_alias.c.domain_id == domain.c.id)
    .where(domain_alias.c.alias == bindparam("name"))
)
_NAMED_AND_HELD = _NAMED.with_for_update(read=True, of=domain)
"""Built once: every request names a domain."""


class SqlDomainStore:
    """Domains of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewDomain, *, index_version: int) -> Domain:
        """Store a new domain. Raises AlreadyExists when its name or an alias is taken."""
        try:
            key = self._connection.execute(
                insert(domain)
                .values(**_columns(new), index_version=index_version)
                .returning(domain.c.id)
            ).scalar_one()
            for alias in (new.name, *new.aliases):
                self._connection.execute(insert(domain_alias).values(alias=alias, domain_id=key))
        except IntegrityError as error:
            raise AlreadyExists("A domain of this name or alias exists.") from error
        return self.get(new.name)

    def get(self, name: str) -> Domain:
        """The domain of this name or alias. Raises UnknownDomain."""
        return self._one(_NAMED, name)

    def get_for_writing(self, name: str) -> Domain:
        """Like ``get``, and holds its index epoch still until the transaction ends."""
        return self._one(_NAMED_AND_HELD, name)

    def set_policy(self, changed: Domain, *, deletable: bool) -> None:
        """Store what may be done in the domain."""
        self._connection.execute(
            update(domain).where(domain.c.id == changed.id).values(deletable=deletable)
        )

    def all(self) -> list[Domain]:
        """All domains by name."""
        return [
            _domain(row) for row in self._connection.execute(select(domain).order_by(domain.c.name))
        ]

    def _one(self, query: Select[Any], name: str) -> Domain:
        row = self._connection.execute(query, {"name": name}).one_or_none()
        if row is None:
            raise UnknownDomain
        return _domain(row)


def _columns(new: NewDomain) -> dict[str, object]:
    return {
        "name": new.name,
        "kind": new.kind.value,
        "multi": new.multi,
        "alphabet": new.form.alphabet,
        "length": new.form.length,
        "prefix": new.form.prefix,
        "check_character": new.form.check,
        "deletable": new.deletable,
        "project": new.project,
        "created_at": datetime.now(UTC),
    }


def _domain(row: Row[Any]) -> Domain:
    return Domain(
        id=row.id,
        name=DomainName(row.name),
        kind=DomainKind(row.kind),
        multi=row.multi,
        form=PseudonymForm(row.alphabet, row.length, row.prefix, row.check_character),
        deletable=row.deletable,
        project=ProjectName(row.project) if row.project else None,
        epoch=IndexEpoch(row.index_version, row.next_index_version, row.index_turned),
    )
