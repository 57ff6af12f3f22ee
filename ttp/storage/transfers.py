"""Transfers in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ttp.core.names import LeafId
from ttp.core.transfers import Carried, Transfer
from ttp.storage.batches import cut, select_in
from ttp.storage.tables import transfer, transport_id

_ROWS = 5000


class SqlTransferStore:
    """Transfers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Transfer, carried: Sequence[Carried]) -> None:
        """Store a transfer and what it carries."""
        self._connection.execute(insert(transfer).values(**_columns(new)))
        rows = [
            {
                "transfer": new.digest,
                "number": number,
                "digest": one.digest,
                "envelope": one.envelope,
            }
            for number, one in enumerate(carried)
        ]
        for part in cut(rows, _ROWS):
            self._connection.execute(insert(transport_id), list(part))

    def find(self, digest: bytes) -> Transfer | None:
        """The transfer of this digest."""
        row = self._connection.execute(
            select(transfer).where(transfer.c.digest == digest)
        ).one_or_none()
        return _transfer(row) if row else None

    def carried_by(self, digest: bytes) -> list[Carried]:
        """What a transfer carries, in the order handed in, held until the transaction ends."""
        query = _held().where(transport_id.c.transfer == digest)
        return _carried(self._connection.execute(query))

    def carried(self, digests: Sequence[bytes]) -> list[Carried]:
        """What these transport IDs stand for, of every transfer that has them, held likewise."""
        return _carried(
            select_in(self._connection, _held(), transport_id.c.digest, sorted(digests))
        )

    def take(self, carried: Sequence[Carried], *, leaf: LeafId) -> None:
        """Remove the values; the IDs stay known as exchanged."""
        for digest in sorted({one.transfer for one in carried}):
            digests = sorted(one.digest for one in carried if one.transfer == digest)
            for part in cut(digests, _ROWS):
                self._connection.execute(
                    update(transport_id)
                    .where(transport_id.c.transfer == digest, transport_id.c.digest.in_(part))
                    .values(envelope=None, leaf=leaf)
                )

    def forget(self, *, expired: datetime, known: datetime) -> int:
        """Delete the rows of transfers that expired before the first time, and those before the second wholly."""
        late = select(transfer.c.digest).where(transfer.c.expires_at < expired)
        gone = self._connection.execute(
            delete(transport_id).where(transport_id.c.transfer.in_(late))
        ).rowcount
        self._connection.execute(delete(transfer).where(transfer.c.expires_at < known))
        return gone


def _held() -> Select[Any]:
    return (
        select(transport_id)
        .order_by(transport_id.c.transfer, transport_id.c.number)
        .with_for_update()
    )


def _carried(rows: Iterable[Row[Any]]) -> list[Carried]:
    return [
        Carried(
            bytes(row.transfer), bytes(row.digest), bytes(row.envelope) if row.envelope else None
        )
        for row in rows
    ]


def _columns(one: Transfer) -> dict[str, object]:
    return {
        "digest": one.digest,
        "project": one.project,
        "sender": one.sender,
        "receiver": one.receiver,
        "items": one.items,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "leaf": one.leaf,
    }


def _transfer(row: Row[Any]) -> Transfer:
    return Transfer(
        bytes(row.digest),
        row.project,
        row.sender,
        row.receiver,
        row.items,
        row.created_at,
        row.expires_at,
        LeafId(row.leaf),
    )
