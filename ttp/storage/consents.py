"""Consent statements in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ttp.core.consent import ConsentStatement, Provision
from ttp.core.names import IdentityId, LeafId, PersonId
from ttp.storage.batches import select_in
from ttp.storage.tables.consents import consent
from ttp.storage.tables.identities import identity


class SqlConsentStore:
    """Consent statements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, statements: Sequence[tuple[UUID, ConsentStatement]], *, leaf: LeafId) -> None:
        """Store statements under their new IDs."""
        rows = [
            {
                "id": key,
                "identity_id": statement.identity,
                "policy": statement.policy,
                "provision": statement.provision.value,
                "valid_from": statement.valid_from,
                "valid_to": statement.valid_to,
                "stated_at": statement.stated_at,
                "leaf": leaf,
            }
            for key, statement in statements
        ]
        if rows:
            self._connection.execute(insert(consent), rows)

    def of(self, persons: Sequence[PersonId]) -> Mapping[PersonId, Sequence[ConsentStatement]]:
        """All statements of all identities of these persons, oldest first."""
        query = (
            select(identity.c.person, consent)
            .join(identity, identity.c.id == consent.c.identity_id)
            .order_by(consent.c.stated_at, consent.c.id)
        )
        found: dict[PersonId, list[ConsentStatement]] = defaultdict(list)
        for row in select_in(self._connection, query, identity.c.person, persons):
            found[PersonId(row.person)].append(
                ConsentStatement(
                    IdentityId(row.identity_id),
                    row.policy,
                    Provision(row.provision),
                    row.valid_from,
                    row.valid_to,
                    row.stated_at,
                )
            )
        return found
