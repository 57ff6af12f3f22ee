"""The center's identity in the database."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from ttp.core.center_identity import CenterIdentity
from ttp.storage.tables import center_identity, key_destruction
from ttp.storage.upserts import insert_free

_ROW = 1


class SqlCenterIdentityStore:
    """The keyring of this database, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self) -> CenterIdentity | None:
        """The keyring it was served with last, in the latest state seen; None before the first start.

        Destructions count, too: each names the generation from which the keys were gone.
        """
        row = self._connection.execute(select(center_identity)).one_or_none()
        if row is None:
            return None
        destroyed = self._connection.execute(
            select(func.max(key_destruction.c.generation)).where(
                key_destruction.c.fingerprint == row.keyring
            )
        ).scalar()
        return CenterIdentity(row.keyring, max(row.generation, destroyed or 0))

    def put(self, identity: CenterIdentity) -> None:
        """Remember this keyring in this state, unless a later one is remembered already."""
        values = {"keyring": identity.keyring, "generation": identity.generation}
        insert_free(self._connection, center_identity, [{"id": _ROW, **values}])
        self._connection.execute(
            update(center_identity)
            .where(center_identity.c.generation < identity.generation)
            .values(**values)
        )
