"""The log's standing, accepted restores and what peers say of their logs, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update

from ttp.core.log_standing import Doubt, Known
from ttp.core.peer_logs import AnnouncedRestore, PeerLog
from ttp.core.restores import Restore, RestoreReason
from ttp.storage.tables import (
    announced_restore,
    log_standing,
    lost_checkpoint,
    peer_log,
    restore,
)
from ttp.storage.upserts import insert_free

_ROW = 1


class SqlStandingStore:
    """The log's standing, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def anchored(self) -> bool:
        """Whether an anchor was ever written for this database."""
        query = select(log_standing.c.anchored_at)
        return self._connection.execute(query).scalar_one_or_none() is not None

    def put_anchored(self, at: datetime) -> None:
        """Remember that an anchor was written."""
        self._put(anchored_at=at)

    def doubt(self) -> Doubt | None:
        """Why nothing is written, None where all is well."""
        row = self._connection.execute(select(log_standing)).one_or_none()
        if row is None or row.doubt is None:
            return None
        known = None
        if row.doubt_root is not None:
            known = Known(row.doubt_size, bytes(row.doubt_root), row.doubt_witness or "")
        return Doubt(row.doubt, row.doubted_at, known)

    def put_doubt(self, doubt: Doubt | None) -> None:
        """Stop writing, in every process; or let it go on."""
        known = doubt.known if doubt else None
        self._put(
            doubt=doubt.code if doubt else None,
            doubted_at=doubt.at if doubt else None,
            doubt_size=known.size if known else None,
            doubt_root=known.root if known else None,
            doubt_witness=known.witness if known else None,
        )

    def _put(self, **values: object) -> None:
        insert_free(self._connection, log_standing, [{"id": _ROW}])
        self._connection.execute(update(log_standing).values(**values))


class SqlRestoreStore:
    """Acceptances of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, accepted: Restore) -> None:
        """Store an acceptance, or where it stands."""
        values = {**asdict(accepted), "reason": accepted.reason.value}
        insert_free(self._connection, restore, [values])
        self._connection.execute(
            update(restore).where(restore.c.id == accepted.id).values(**values)
        )

    def newest(self) -> Restore | None:
        """The newest one, accepted or not."""
        query = select(restore).order_by(restore.c.requested_at.desc(), restore.c.id.desc())
        row = self._connection.execute(query.limit(1)).one_or_none()
        return Restore(**{**row._asdict(), "reason": RestoreReason(row.reason)}) if row else None

    def last_at(self) -> datetime | None:
        """When a restore was accepted last."""
        return self._connection.execute(select(func.max(restore.c.accepted_at))).scalar()

    def give_up(self, restore_id: UUID, lost: Sequence[Known]) -> None:
        """Remember checkpoints as lost."""
        rows = [{"size": one.size, "root": one.root, "restore": restore_id} for one in lost]
        for row in rows:
            insert_free(self._connection, lost_checkpoint, [row])

    def is_lost(self, size: int, root: bytes) -> bool:
        """Whether two persons gave this checkpoint up."""
        query = select(lost_checkpoint.c.size).where(
            lost_checkpoint.c.size == size, lost_checkpoint.c.root == root
        )
        return self._connection.execute(query).one_or_none() is not None


class SqlPeerLogStore:
    """What is known of peers' logs, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, log: PeerLog) -> bool:
        """Remember it, unless a later co-signature is known; whether anything changed."""
        values = asdict(log)
        if insert_free(self._connection, peer_log, [values]) == 1:
            return True
        done = self._connection.execute(
            update(peer_log)
            .where(peer_log.c.peer == log.peer, peer_log.c.cosigned_at < log.cosigned_at)
            .values(**values)
        )
        return bool(done.rowcount)

    def get(self, peer: str) -> PeerLog | None:
        """What is known of a peer's log."""
        query = select(peer_log).where(peer_log.c.peer == peer)
        row = self._connection.execute(query).one_or_none()
        return PeerLog(**row._asdict()) if row else None

    def announce(self, announced: AnnouncedRestore) -> None:
        """Remember what a peer announces, in place of what it announced before."""
        self.settle(announced.peer)
        insert_free(self._connection, announced_restore, [asdict(announced)])

    def announced(self, peer: str, *, hold: bool = False) -> AnnouncedRestore | None:
        """What a peer announced, held still until the transaction ends if ``hold``."""
        query = select(announced_restore).where(announced_restore.c.peer == peer)
        row = self._connection.execute(query.with_for_update() if hold else query).one_or_none()
        if row is None:
            return None
        return AnnouncedRestore(**{**row._asdict(), "root": bytes(row.root)})

    def settle(self, peer: str) -> None:
        """Forget what a peer announced: it is accepted."""
        self._connection.execute(delete(announced_restore).where(announced_restore.c.peer == peer))
