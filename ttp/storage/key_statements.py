"""Statements about keys, and what follows from them for peers, in the database."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import Connection, select, update

from keys.signatures import VerifyKey
from keys.succession import FormerKey, SignedStatement, Standing
from ttp.core.errors import Conflict
from ttp.core.names import LeafId
from ttp.core.peers import PeerNotTrusted, PeerState, UnknownPeer
from ttp.storage.peers import SqlPeerStore
from ttp.storage.tables import key_statement, peer, peer_key
from ttp.storage.upserts import insert_free


class SqlStatementStore:
    """Statements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, signed: SignedStatement, *, at: datetime, leaf: LeafId) -> None:
        """Keep a statement. Raises Conflict when another stands under its number."""
        said = signed.statement
        row = {
            "center": said.center,
            "sequence": said.sequence,
            "old_key": said.old_key.key_id,
            "document": orjson.dumps(signed.document()).decode(),
            "at": at,
            "leaf": leaf,
        }
        if insert_free(self._connection, key_statement, [row]):
            return
        standing = select(key_statement.c.document).filter_by(
            center=said.center, sequence=said.sequence, old_key=said.old_key.key_id
        )
        if self._connection.execute(standing).scalar_one() != row["document"]:
            raise Conflict("Another statement stands under this number.")

    def of(self, center: str, *, after: int = 0) -> list[SignedStatement]:
        """The statements of a center with larger numbers than ``after``, in their order."""
        rows = self._connection.execute(
            select(key_statement.c.document)
            .where(key_statement.c.center == center, key_statement.c.sequence > after)
            .order_by(key_statement.c.sequence, key_statement.c.at)
        ).scalars()
        return [SignedStatement.read(orjson.loads(row)) for row in rows]


class SqlPeerKeyStore:
    """What is believed of peers' keys, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, name: str) -> Standing:
        """What is believed of a trusted peer's keys, held until the transaction ends.

        Raises:
            UnknownPeer, PeerNotTrusted: otherwise.
        """
        row = self._connection.execute(
            select(peer).where(peer.c.name == name).with_for_update()
        ).one_or_none()
        if row is None:
            raise UnknownPeer
        if row.state != PeerState.TRUSTED:
            raise PeerNotTrusted
        pinned = self._connection.execute(
            select(peer_key)
            .where(
                peer_key.c.peer == name,
                peer_key.c.pinned_at.is_not(None),
                peer_key.c.revoked_at.is_(None),
            )
            .order_by(peer_key.c.pinned_at)
        ).all()
        keys = {one.key_id: VerifyKey(bytes(one.public)) for one in pinned}
        return Standing(
            name,
            keys[row.key_id],
            bytes(row.transport_key),
            row.statements,
            tuple(
                FormerKey(keys[one.key_id], int(one.valid_until.timestamp()))
                for one in pinned
                if one.valid_until is not None
            ),
        )

    def advance(self, before: Standing, after: Standing, *, at: datetime) -> None:
        """Store what is believed from now on. Raises Conflict when a new key belongs to somebody."""
        if after.revoked:
            SqlPeerStore(self._connection).revoke(after.center, at=at)
        for former in after.former:
            self._give_way(after.center, former, before, at)
        if before.knows(after.key.key_id) is None:
            self._pin(after.center, after.key, at)
        self._connection.execute(
            update(peer)
            .where(peer.c.name == after.center)
            .values(
                key_id=after.key.key_id,
                transport_key=after.transport_key,
                statements=after.sequence,
            )
        )

    def told(self, name: str, sequence: int) -> None:
        """Remember that a peer knows the statements of this center up to this number."""
        self._connection.execute(
            update(peer)
            .where(peer.c.name == name, peer.c.acknowledged < sequence)
            .values(acknowledged=sequence)
        )

    def _give_way(self, name: str, former: FormerKey, before: Standing, at: datetime) -> None:
        if any(one.key == former.key for one in before.former):
            return
        if before.knows(former.key.key_id) is None:
            self._pin(name, former.key, at)
        until = datetime.fromtimestamp(former.until, at.tzinfo)
        self._connection.execute(
            update(peer_key).where(peer_key.c.key_id == former.key.key_id).values(valid_until=until)
        )

    def _pin(self, name: str, key: VerifyKey, at: datetime) -> None:
        row = {"key_id": key.key_id, "peer": name, "public": key.raw, "pinned_at": at}
        if not insert_free(self._connection, peer_key, [row]):
            raise Conflict("This key belongs to another center, or was one of this center before.")
