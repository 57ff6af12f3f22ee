"""API keys in the database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ttp.core.access import Right
from ttp.core.api_keys import ApiKey, KeyOwner, NamedKey, Scope
from ttp.core.errors import NotFound
from ttp.core.names import ClientName
from ttp.storage.access import client_rows, clients_in
from ttp.storage.hot_queries import HotQuery
from ttp.storage.tables import api_key, client

_OF_THE_KEY = [column.label(f"key_{column.name}") for column in api_key.c]
"""Both tables have an ``id``, ``created_at`` and ``revoked_at``."""
_BY_DIGEST = HotQuery(
    client_rows()
    .add_columns(*_OF_THE_KEY)
    .join(api_key, api_key.c.client_id == client.c.id)
    .where(
        api_key.c.digest == bindparam("digest"),
        api_key.c.revoked_at.is_(None),
        api_key.c.expires_at > bindparam("at"),
        client.c.revoked_at.is_(None),
    )
)
"""Built once: every request is authenticated by it."""


class SqlApiKeyStore:
    """API keys of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey, *, digest: bytes, key_version: int) -> None:
        """Store a new key under its keyed digest."""
        rights = key.scope.rights
        self._connection.execute(
            insert(api_key).values(
                id=key.id,
                client_id=key.client_id,
                label=key.label,
                digest=digest,
                key_version=key_version,
                rights=None if rights is None else frozenset(right.value for right in rights),
                domains=key.scope.domains,
                created_at=key.created_at,
                created_by=key.created_by,
                expires_at=key.expires_at,
            )
        )

    def by_digest(self, digest: bytes, *, at: datetime) -> KeyOwner | None:
        """The key of this keyed digest and its client, if both have access at this time. One statement."""
        rows = _BY_DIGEST.rows(self._connection, {"digest": digest, "at": at})
        return KeyOwner(_key(rows[0]), clients_in(rows)[0]) if rows else None

    def renew_digest(self, key_id: UUID, *, digest: bytes, key_version: int) -> None:
        """Store the digest of the same API key under another version of the client key."""
        self._connection.execute(
            update(api_key)
            .where(api_key.c.id == key_id)
            .values(digest=digest, key_version=key_version)
        )

    def used(self, key_id: UUID, *, on: date) -> None:
        """Store the day of the last use."""
        self._connection.execute(update(api_key).where(api_key.c.id == key_id).values(last_used=on))

    def all(self) -> list[NamedKey]:
        """All keys, by client and age."""
        query = (
            select(client.c.name.label("client"), *_OF_THE_KEY)
            .join(api_key, api_key.c.client_id == client.c.id)
            .order_by(client.c.name, api_key.c.created_at, api_key.c.id)
        )
        return [
            NamedKey(_key(row), ClientName(row.client)) for row in self._connection.execute(query)
        ]

    def revoke(self, client_name: str, label: str, *, at: datetime) -> None:
        """End a key from the next request on. Raises NotFound: no such key stands."""
        owner = select(client.c.id).where(client.c.name == client_name).scalar_subquery()
        done = self._connection.execute(
            update(api_key)
            .where(
                api_key.c.client_id == owner,
                api_key.c.label == label,
                api_key.c.revoked_at.is_(None),
            )
            .values(revoked_at=at)
        )
        if not done.rowcount:
            raise NotFound("The client has no key of this label, or it was revoked before.")


def _key(row: Row[Any]) -> ApiKey:
    rights = row.key_rights
    return ApiKey(
        row.key_id,
        row.key_client_id,
        row.key_label,
        Scope(None if rights is None else frozenset(map(Right, rights)), row.key_domains),
        row.key_created_at,
        row.key_created_by,
        row.key_expires_at,
        row.key_last_used,
        row.key_revoked_at,
    )
