"""Witnessed checkpoints in the database: check and write are one statement, so two requests cannot both pass."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from ttp.core.witnessing import Witnessed
from ttp.storage.tables import cosigned, witnessed_checkpoint
from ttp.storage.upserts import insert_free


class SqlWitnessStore:
    """Witnessing of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, origin: str) -> Witnessed | None:
        """The last co-signed checkpoint of a log, held still until the transaction ends."""
        query = select(witnessed_checkpoint).where(witnessed_checkpoint.c.origin == origin)
        row = self._connection.execute(query.with_for_update()).one_or_none()
        return _witnessed(row) if row else None

    def advance(self, witnessed: Witnessed, *, from_size: int) -> bool:
        """Store the next one if ``from_size`` is still the last size; False when it is not."""
        values = {
            "size": witnessed.size,
            "root": witnessed.root,
            "note": witnessed.note,
            "at": witnessed.at,
        }
        row = {"origin": witnessed.origin, **values}
        if from_size == 0 and insert_free(self._connection, witnessed_checkpoint, [row]) == 1:
            return True
        done = self._connection.execute(
            update(witnessed_checkpoint)
            .where(
                witnessed_checkpoint.c.origin == witnessed.origin,
                witnessed_checkpoint.c.size == from_size,
            )
            .values(**values)
        )
        return bool(done.rowcount)

    def replace(self, witnessed: Witnessed) -> None:
        """Begin at another history: two persons accepted it."""
        known = witnessed_checkpoint.c.origin == witnessed.origin
        self._connection.execute(delete(witnessed_checkpoint).where(known))
        insert_free(self._connection, witnessed_checkpoint, [asdict(witnessed)])

    def all(self) -> list[Witnessed]:
        """What was co-signed last of every log, by origin."""
        query = select(witnessed_checkpoint).order_by(witnessed_checkpoint.c.origin)
        return [_witnessed(row) for row in self._connection.execute(query)]

    def cosigned_size(self, witness: str) -> int:
        """Up to which size this center's log was co-signed by a witness; 0 for nothing."""
        query = select(cosigned.c.size).where(cosigned.c.witness == witness)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def cosigned_at(self, witness: str) -> datetime | None:
        """When a witness co-signed last."""
        query = select(cosigned.c.at).where(cosigned.c.witness == witness)
        return self._connection.execute(query).scalar_one_or_none()

    def put_cosigned_size(self, witness: str, size: int, *, at: datetime) -> None:
        """Remember the size a witness has co-signed, or says it has."""
        row = {"witness": witness, "size": size, "at": at}
        insert_free(self._connection, cosigned, [row])
        self._connection.execute(
            update(cosigned).where(cosigned.c.witness == witness).values(size=size, at=at)
        )


def _witnessed(row: Row[Any]) -> Witnessed:
    return Witnessed(row.origin, row.size, bytes(row.root), row.note, row.at)
