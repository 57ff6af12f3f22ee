"""Sequence leaves: one holder of a lease gives committed leaves contiguous positions and signs checkpoints."""

from __future__ import annotations

from keys.keyring import Purpose
from keys.signatures import SigningKey
from keys.transparency import Checkpoint, leaf_hash, new_nodes, root_at, sign_note
from ttp.core.audit import StoredCheckpoint
from ttp.core.center import Center
from ttp.core.errors import AuditUnavailable
from ttp.core.names import LeafId
from ttp.core.ports import Transaction

LEASE = "sequencer"
LEASE_SECONDS = 10
BATCH = 5_000
POLL_SECONDS = 0.02


def sequence_leaves(center: Center, tx: Transaction, *, holder: str) -> int:
    """Place up to 5,000 waiting leaves and sign a checkpoint over the grown log; returns how many were placed.

    Places nothing while another holder has the lease, or while the log is in doubt.
    """
    if tx.standing.doubt() is not None:
        return 0
    if not tx.audit.take_lease(LEASE, holder, now=center.clock.now(), seconds=LEASE_SECONDS):
        return 0
    waiting = tx.audit.waiting(BATCH)
    if not waiting:
        return 0
    size = tx.audit.size()
    nodes = list(new_nodes(size, [leaf_hash(body) for _, body in waiting], tx.audit.node))
    tx.audit.sequence([(leaf, size + offset) for offset, (leaf, _) in enumerate(waiting)], nodes)
    tx.events.place()
    _sign_checkpoint(center, tx, size + len(waiting))
    return len(waiting)


def sequence_waiting(center: Center, *, holder: str) -> int:
    """Sequence leaves if some wait; an idle log costs one read and no write."""
    if center.work.run(lambda tx: tx.audit.waits_since(), write=False) is None:
        return 0
    return center.work.run(lambda tx: sequence_leaves(center, tx, holder=holder))


def await_checkpoint(center: Center, leaf: LeafId, *, seconds: float = 10.0) -> StoredCheckpoint:
    """Wait until a checkpoint covers the leaf; grave acts are answered only then.

    Raises:
        AuditUnavailable: it did not happen in time; the act stands, and its leaf will be sequenced.
    """
    end = center.clock.monotonic() + seconds
    while center.clock.monotonic() < end:
        with center.work.begin(write=False) as tx:
            position, checkpoint = tx.audit.position(leaf), tx.audit.latest_checkpoint()
        if position is not None and checkpoint is not None and checkpoint.size > position:
            return checkpoint
        center.clock.sleep(POLL_SECONDS)
    raise AuditUnavailable("The act is recorded, but no checkpoint covers it yet.")


def audit_signing_key(center: Center) -> SigningKey:
    """The key that signs this center's checkpoints, requests and releases."""
    center.keyring.ensure(Purpose.SIGNING)
    return SigningKey.from_secret(center.keyring.active(Purpose.SIGNING).secret)


def _sign_checkpoint(center: Center, tx: Transaction, size: int) -> None:
    checkpoint = Checkpoint(center.origin, size, root_at(size, tx.audit.node))
    note = sign_note(checkpoint.body(), name=center.origin, key=audit_signing_key(center))
    tx.audit.add_checkpoint(StoredCheckpoint(size, checkpoint.root, note, center.clock.now()))
