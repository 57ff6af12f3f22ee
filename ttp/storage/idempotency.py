"""Answers kept for repeated requests, in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from ttp.core.idempotency import Claim, KeptAnswer
from ttp.storage.tables import idempotency
from ttp.storage.upserts import insert_free


class SqlIdempotencyStore:
    """Claims of one transaction. A racing claim of the same key waits for the first and then reads its answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, claim: Claim) -> KeptAnswer | None:
        """Insert the claim; None when it is new, else what stands under this key."""
        row = {
            "client": claim.client,
            "key": claim.key,
            "digest": claim.digest,
            "created_at": claim.at,
        }
        if insert_free(self._connection, idempotency, [row]) == 1:
            return None
        stands = self._connection.execute(
            select(idempotency.c.digest, idempotency.c.sealed).where(
                idempotency.c.client == claim.client, idempotency.c.key == claim.key
            )
        ).one()
        return KeptAnswer(stands.digest, stands.sealed)

    def keep(self, claim: Claim, sealed: bytes) -> None:
        """Store the sealed answer of a claim made in this transaction."""
        self._connection.execute(
            update(idempotency)
            .where(idempotency.c.client == claim.client, idempotency.c.key == claim.key)
            .values(sealed=sealed)
        )

    def forget_before(self, at: datetime) -> int:
        """Delete answers older than this; returns how many."""
        return self._connection.execute(
            delete(idempotency).where(idempotency.c.created_at < at)
        ).rowcount
