"""The audit log in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, text, update

from keys.transparency import leaf_hash
from ttp.core.audit import Leaf, Refusals, StoredCheckpoint, StoredLeaf
from ttp.core.names import LeafId
from ttp.core.writer_chain import WriterChain
from ttp.storage.batches import arrays, is_postgresql
from ttp.storage.driver import execute
from ttp.storage.tables import audit_checkpoint, audit_leaf, audit_node, lease, refusal
from ttp.storage.upserts import insert_free

_CHAIN = "ttp_writer_chain"
_RECORD = insert(audit_leaf)
RECORD_LEAF = "INSERT INTO audit_leaf (id, body, subjects, at) VALUES (%(id)s, %(body)b, %(subjects)b, %(at)s)"
_PLACE = (
    update(audit_leaf)
    .where(audit_leaf.c.id == bindparam("leaf_id"), audit_leaf.c.position.is_(None))
    .values(position=bindparam("place"))
)
_PLACE_ALL = text(
    "UPDATE audit_leaf SET position = placed.place"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:places AS bigint[])) AS placed (id, place)"
    " WHERE audit_leaf.id = placed.id AND position IS NULL"
)
_KEEP_ALL = text(
    "INSERT INTO audit_node (level, index, hash)"
    " SELECT * FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[]), CAST(:hashes AS bytea[]))"
)

FETCHED_AT_ONCE = 20
"""Leaves fetched at once: one can have 16 bytes for each of 100,000 subjects."""


class SqlAuditStore:
    """The log as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._chain: WriterChain = connection.info.setdefault(_CHAIN, WriterChain())
        self._chain.begin()
        self.recorded: list[bytes] = []

    def record(self, leaf: Leaf) -> bytes:
        """Store the leaf, unsequenced, and return its hash."""
        link = self._chain.link(leaf.id)
        body = leaf.body(link)
        row = {"id": leaf.id, "body": body, "subjects": leaf.subjects, "at": leaf.at}
        if is_postgresql(self._connection):
            execute(self._connection, RECORD_LEAF, row)
        else:
            self._connection.execute(_RECORD, row)
        digest = leaf_hash(body)
        self._chain.wrote(leaf.id, link, digest)
        self.recorded.append(digest)
        return digest

    def committing(self) -> None:
        """What was recorded is about to be committed."""
        self._chain.committing()

    def committed(self) -> None:
        """What was recorded is committed: the next leaf of this connection names it."""
        self._chain.committed()

    def unsequenced(self, limit: int) -> list[StoredLeaf]:
        """Committed leaves without a position, oldest first."""
        query = select(audit_leaf).where(audit_leaf.c.position.is_(None)).order_by(audit_leaf.c.id)
        return [_leaf(row) for row in self._connection.execute(query.limit(limit))]

    def waiting(self, limit: int) -> list[tuple[LeafId, bytes]]:
        """Those leaves by ID and body; their subjects, up to megabytes each, are not fetched."""
        query = select(audit_leaf.c.id, audit_leaf.c.body).where(audit_leaf.c.position.is_(None))
        rows = self._connection.execute(query.order_by(audit_leaf.c.id).limit(limit))
        return [(LeafId(row.id), bytes(row.body)) for row in rows]

    def waits_since(self) -> datetime | None:
        """The time of the oldest leaf without a position, None when every leaf has one."""
        query = select(audit_leaf.c.at).where(audit_leaf.c.position.is_(None))
        return self._connection.execute(query.order_by(audit_leaf.c.id).limit(1)).scalar()

    def size(self) -> int:
        """How many leaves are sequenced."""
        top = self._connection.execute(select(func.max(audit_leaf.c.position))).scalar()
        return 0 if top is None else int(top) + 1

    def sequence(
        self, placed: Sequence[tuple[LeafId, int]], nodes: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Give leaves their positions and store the new nodes (level, index, hash) of the tree."""
        if placed and is_postgresql(self._connection):
            self._connection.execute(_PLACE_ALL, arrays(("ids", "places"), placed))
            self._connection.execute(_KEEP_ALL, arrays(("levels", "indexes", "hashes"), nodes))
        elif placed:
            self._connection.execute(
                _PLACE, [{"leaf_id": leaf_id, "place": place} for leaf_id, place in placed]
            )
            self._connection.execute(
                insert(audit_node),
                [
                    {"level": level, "index": index, "hash": digest}
                    for level, index, digest in nodes
                ],
            )

    def node(self, level: int, index: int) -> bytes:
        """A stored node of the tree."""
        query = select(audit_node.c.hash).where(
            audit_node.c.level == level, audit_node.c.index == index
        )
        return bytes(self._connection.execute(query).scalar_one())

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Store a checkpoint of the present size."""
        insert_free(
            self._connection,
            audit_checkpoint,
            [
                {
                    "size": checkpoint.size,
                    "root": checkpoint.root,
                    "note": checkpoint.note,
                    "at": checkpoint.at,
                }
            ],
        )

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """The largest checkpoint."""
        query = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
        return _checkpoint(self._connection.execute(query).one_or_none())

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """The checkpoint of this size."""
        query = select(audit_checkpoint).where(audit_checkpoint.c.size == size)
        return _checkpoint(self._connection.execute(query).one_or_none())

    def checkpoint_up_to(self, size: int) -> StoredCheckpoint | None:
        """The largest checkpoint of at most this size."""
        query = select(audit_checkpoint).where(audit_checkpoint.c.size <= size)
        newest = query.order_by(audit_checkpoint.c.size.desc()).limit(1)
        return _checkpoint(self._connection.execute(newest).one_or_none())

    def cosigned(self, limit: int) -> list[StoredCheckpoint]:
        """The newest checkpoints that a witness has co-signed, largest first."""
        two_signatures = audit_checkpoint.c.note.like("%\n\u2014 %\n\u2014 %")
        query = select(audit_checkpoint).where(two_signatures)
        rows = self._connection.execute(query.order_by(audit_checkpoint.c.size.desc()).limit(limit))
        return [StoredCheckpoint(row.size, bytes(row.root), row.note, row.at) for row in rows]

    def append_cosignature(self, size: int, line: str) -> None:
        """Add a witness's line to the checkpoint of this size."""
        row = self._connection.execute(
            select(audit_checkpoint.c.note).where(audit_checkpoint.c.size == size).with_for_update()
        ).one()
        if line not in row.note:
            mark = line.rsplit(" ", 1)[0] + " "  # an earlier one of the same witness gives way
            lines = [one for one in row.note.splitlines(True) if not one.startswith(mark)]
            self._connection.execute(
                update(audit_checkpoint)
                .where(audit_checkpoint.c.size == size)
                .values(note=f"{''.join(lines)}{line.rstrip()}\n")
            )

    def position(self, leaf: LeafId) -> int | None:
        """The leaf's position, None while it is unsequenced."""
        return self._connection.execute(
            select(audit_leaf.c.position).where(audit_leaf.c.id == leaf)
        ).scalar_one_or_none()

    def leaves(self, start: int, end: int) -> Iterator[StoredLeaf]:
        """The sequenced leaves from position ``start`` up to, not including, ``end``."""
        query = (
            select(audit_leaf)
            .where(audit_leaf.c.position >= start, audit_leaf.c.position < end)
            .order_by(audit_leaf.c.position)
            .execution_options(yield_per=FETCHED_AT_ONCE)
        )
        for row in self._connection.execute(query):
            yield _leaf(row)

    def newest_at(self) -> datetime | None:
        """The time of the newest leaf."""
        row = self._connection.execute(
            select(audit_leaf.c.at).order_by(audit_leaf.c.at.desc()).limit(1)
        ).one_or_none()
        return row.at if row else None

    def take_lease(self, name: str, holder: str, *, now: datetime, seconds: int) -> bool:
        """Take or renew a lease; False while another holder has it."""
        until = now + timedelta(seconds=seconds)
        insert_free(
            self._connection, lease, [{"name": name, "holder": holder, "expires_at": until}]
        )
        taken = self._connection.execute(
            update(lease)
            .where(lease.c.name == name, (lease.c.holder == holder) | (lease.c.expires_at < now))
            .values(holder=holder, expires_at=until)
        )
        return bool(taken.rowcount)

    def lease_holder(self, name: str, *, now: datetime) -> str | None:
        """Who has a lease; None if nobody does."""
        query = select(lease.c.holder).where(lease.c.name == name, lease.c.expires_at >= now)
        return self._connection.execute(query).scalar_one_or_none()

    def count_refusal(self, minute: datetime, actor: str, code: str) -> None:
        """Count one refused request."""
        key = {"minute": minute, "actor": actor[:63], "code": code[:63]}
        insert_free(self._connection, refusal, [{**key, "count": 0}])
        self._connection.execute(
            update(refusal)
            .where(*(refusal.c[name] == value for name, value in key.items()))
            .values(count=refusal.c.count + 1)
        )

    def has_refusals(self, *, before: datetime) -> bool:
        """Whether there are counts of minutes before this time."""
        query = select(refusal.c.minute).where(refusal.c.minute < before).limit(1)
        return self._connection.execute(query).one_or_none() is not None

    def take_refusals(self, *, before: datetime) -> list[Refusals]:
        """Remove and return the counts of minutes before this time."""
        taken = self._connection.execute(
            delete(refusal).where(refusal.c.minute < before).returning(refusal)
        )
        return [Refusals(minute, actor, code, count) for minute, actor, code, count in taken]


def _leaf(row: Row[Any]) -> StoredLeaf:
    return StoredLeaf(LeafId(row.id), bytes(row.body), bytes(row.subjects), row.position)


def _checkpoint(row: Row[Any] | None) -> StoredCheckpoint | None:
    return StoredCheckpoint(row.size, bytes(row.root), row.note, row.at) if row else None
