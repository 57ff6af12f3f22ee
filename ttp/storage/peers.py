"""Peers, their keys and the nonces of their requests in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from keys.http_signatures import PinnedKey
from keys.signatures import VerifyKey
from keys.succession import FormerKey
from ttp.core.errors import AlreadyExists, Conflict
from ttp.core.names import CenterName
from ttp.core.peers import KeyWasRevoked, Peer, PeerState, UnknownPeer
from ttp.storage.tables import peer, peer_key, request_nonce
from ttp.storage.upserts import insert_free


class SqlPeerStore:
    """Peers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def propose(self, new: Peer) -> None:
        """Store a proposed peer; replaces one that was revoked or is only proposed.

        Raises:
            AlreadyExists: it is trusted, or its key belongs to another center.
            KeyWasRevoked: this key was revoked once.
        """
        self._check_key(new)
        known = self._connection.execute(
            select(peer.c.state).where(peer.c.name == new.name).with_for_update()
        ).scalar_one_or_none()
        if known == PeerState.TRUSTED:
            raise AlreadyExists("This center is trusted already; revoke it first.")
        if known is not None:
            self._connection.execute(delete(peer).where(peer.c.name == new.name))
        self._connection.execute(insert(peer).values(**_columns(new)))
        key = {"key_id": new.key.key_id, "peer": new.name, "public": new.key.raw}
        insert_free(self._connection, peer_key, [key])

    def trust(self, name: str, *, by: str, at: datetime) -> Peer:
        """Pin the proposed key. Raises UnknownPeer, Conflict when it is not proposed."""
        found = self._one(_selected().where(peer.c.name == name).with_for_update(of=peer))
        if found.state is not PeerState.PROPOSED:
            raise Conflict("This center is not proposed.")
        self._connection.execute(
            update(peer)
            .where(peer.c.name == name)
            .values(state=PeerState.TRUSTED.value, decided_by=by, trusted_at=at)
        )
        self._connection.execute(
            update(peer_key).where(peer_key.c.key_id == found.key.key_id).values(pinned_at=at)
        )
        return self.get(name)

    def revoke(self, name: str, *, at: datetime) -> None:
        """End the trust in a peer and its keys, in every process. Raises UnknownPeer."""
        done = self._connection.execute(
            update(peer)
            .where(peer.c.name == name)
            .values(state=PeerState.REVOKED.value, revoked_at=at)
        )
        if not done.rowcount:
            raise UnknownPeer
        self._connection.execute(
            update(peer_key)
            .where(peer_key.c.peer == name, peer_key.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    def withdraw(self, name: str, *, at: datetime) -> None:
        """End a proposal without a verdict on its key. Raises UnknownPeer."""
        done = self._connection.execute(
            update(peer)
            .where(peer.c.name == name, peer.c.state == PeerState.PROPOSED.value)
            .values(state=PeerState.REFUSED.value, revoked_at=at)
        )
        if not done.rowcount:
            raise UnknownPeer

    def get(self, name: str) -> Peer:
        """The peer of this name, whatever its state. Raises UnknownPeer."""
        return self._one(_selected().where(peer.c.name == name))

    def by_approval(self, approval: UUID) -> Peer | None:
        """The peer that a request for approval proposes."""
        row = self._connection.execute(_selected().where(peer.c.approval == approval)).one_or_none()
        return _peer(row) if row else None

    def by_key(self, key_id: str) -> PinnedKey | None:
        """The pinned key with this thumbprint, also a revoked one; None when it never was trusted."""
        row = self._connection.execute(
            select(peer_key).where(peer_key.c.key_id == key_id)
        ).one_or_none()
        if row is None or row.pinned_at is None:
            return None
        return PinnedKey(
            row.peer,
            VerifyKey(bytes(row.public)),
            row.revoked_at is not None,
            int(row.pinned_at.timestamp()),
            int(row.valid_until.timestamp()) if row.valid_until else None,
        )

    def accepted_keys(self, name: str, *, at: datetime) -> list[VerifyKey]:
        """The keys with which a peer may sign now, the newest first; none of a peer that is not trusted."""
        rows = self._connection.execute(
            _unrevoked(name)
            .where(peer_key.c.valid_until.is_(None) | (peer_key.c.valid_until >= at))
            .order_by(peer_key.c.valid_until.is_(None).desc(), peer_key.c.valid_until.desc())
        )
        return [VerifyKey(bytes(row.public)) for row in rows]

    def former_keys(self, name: str) -> list[FormerKey]:
        """The keys of a peer that gave way to others and were not revoked, the oldest first."""
        rows = self._connection.execute(
            _unrevoked(name)
            .where(peer_key.c.valid_until.is_not(None))
            .order_by(peer_key.c.valid_until)
        )
        return [
            FormerKey(VerifyKey(bytes(row.public)), int(row.valid_until.timestamp()))
            for row in rows
        ]

    def all(self) -> list[Peer]:
        """All peers by name."""
        return [_peer(row) for row in self._connection.execute(_selected().order_by(peer.c.name))]

    def _check_key(self, new: Peer) -> None:
        """Refuse a key with a history, and forget those that were proposed and never pinned."""
        self._connection.execute(
            delete(peer_key).where(
                peer_key.c.pinned_at.is_(None),
                (peer_key.c.peer == new.name) | (peer_key.c.key_id == new.key.key_id),
            )
        )
        row = self._connection.execute(
            select(peer_key).where(peer_key.c.key_id == new.key.key_id)
        ).one_or_none()
        if row is None:
            return
        if row.revoked_at is not None:
            raise KeyWasRevoked
        if row.peer != new.name:
            raise AlreadyExists("This key belongs to another center.")

    def _one(self, query: Select[Any]) -> Peer:
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise UnknownPeer
        return _peer(row)


class SqlNonceStore:
    """Nonces of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, key_id: str, nonce: str, *, until: datetime) -> bool:
        """Insert the nonce; False when it was there."""
        row = {"key_id": key_id, "nonce": nonce, "until": until}
        return insert_free(self._connection, request_nonce, [row]) == 1

    def forget_before(self, at: datetime) -> int:
        """Delete nonces that are no longer needed; returns how many."""
        return self._connection.execute(
            delete(request_nonce).where(request_nonce.c.until < at)
        ).rowcount


def _unrevoked(name: str) -> Select[Any]:
    return select(peer_key.c.public, peer_key.c.valid_until).where(
        peer_key.c.peer == name,
        peer_key.c.pinned_at.is_not(None),
        peer_key.c.revoked_at.is_(None),
    )


def _selected() -> Select[Any]:
    return select(peer, peer_key.c.public).join(peer_key, peer_key.c.key_id == peer.c.key_id)


def _columns(new: Peer) -> dict[str, object]:
    return {
        "name": new.name,
        "url": new.url,
        "key_id": new.key.key_id,
        "transport_key": new.transport_key,
        "state": new.state.value,
        "witness": new.witness,
        "approval": new.approval,
        "proposed_by": new.proposed_by,
        "proposed_at": new.proposed_at,
        "statements": new.statements,
        "acknowledged": new.acknowledged,
    }


def _peer(row: Row[Any]) -> Peer:
    return Peer(
        name=CenterName(row.name),
        url=row.url,
        key=VerifyKey(bytes(row.public)),
        transport_key=bytes(row.transport_key),
        state=PeerState(row.state),
        witness=row.witness,
        approval=row.approval,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        trusted_at=row.trusted_at,
        revoked_at=row.revoked_at,
        statements=row.statements,
        acknowledged=row.acknowledged,
    )
