"""Export the audit log: every leaf up to the newest checkpoint, in a form that is verified offline."""

from __future__ import annotations

import os
from collections.abc import Callable

from ttp.core.access import Actor, Right
from ttp.core.audit import StoredCheckpoint
from ttp.core.audit_export import header_line, leaf_line
from ttp.core.center import Center
from ttp.core.errors import AuditUnavailable
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import (
    LEASE,
    LEASE_SECONDS,
    await_checkpoint,
    sequence_leaves,
)

COSIGNED = 16
PROBES = 200
PATIENCE = 0.5
BLOCK = 5_000


def export_audit(center: Center, actor: Actor, *, write: Callable[[bytes], object]) -> int:
    """Hand the export to ``write`` line by line and return the number of leaves; the export itself is among them.

    Raises:
        NotAllowed: and nothing is written. AuditUnavailable: no checkpoint covers the newest leaves.
    """
    actor.require(Right.READ_AUDIT)
    leaf = new_leaf_id(center)
    center.work.run(
        lambda tx: record_leaf(center, tx, actor, Act(EventKind.AUDIT_EXPORTED), leaf_id=leaf)
    )
    size = _covered(center, leaf).size
    with center.work.begin(write=False) as tx:
        write(_header(center, tx, size))
        for start in range(0, size, BLOCK):
            for stored in tx.audit.leaves(start, min(start + BLOCK, size)):
                write(leaf_line(stored))
    return size


def _covered(center: Center, leaf: LeafId) -> StoredCheckpoint:
    """The checkpoint over a leaf, made here where no worker makes it; the lease of a dead one has to end first."""
    end = center.clock.monotonic() + LEASE_SECONDS + PATIENCE
    while True:
        sequence_now(center)
        try:
            return await_checkpoint(center, leaf, seconds=PATIENCE)
        except AuditUnavailable:
            if center.clock.monotonic() > end:
                raise


def sequence_now(center: Center) -> None:
    """Sequence what waits, where no worker does; a worker that holds the lease goes on undisturbed."""
    holder = f"{os.uname().nodename}:export:{os.getpid()}"[:63]
    while center.work.run(lambda tx: sequence_leaves(center, tx, holder=holder)):
        pass
    center.work.run(lambda tx: _give_back(center, tx, holder))


def _give_back(center: Center, tx: Transaction, holder: str) -> None:
    tx.audit.take_lease(LEASE, holder, now=center.clock.now(), seconds=0)


def _header(center: Center, tx: Transaction, size: int) -> bytes:
    newest = tx.audit.checkpoint(size)
    assert newest is not None  # noqa: S101 - it was just waited for, and checkpoints are never removed
    kept = {one.size: one for one in (*tx.audit.cosigned(COSIGNED), *spread_checkpoints(tx, size))}
    older = [kept[each] for each in sorted(kept, reverse=True) if each < size]
    statements = [
        one.document()
        for name in (center.name, *(peer.name for peer in tx.peers.all() if peer.witness))
        for one in tx.statements.of(name)
    ]
    return header_line(center.origin, [newest, *older], statements)


def spread_checkpoints(tx: Transaction, size: int) -> list[StoredCheckpoint]:
    """Up to 200 checkpoints below a size, evenly spread, largest first: between two of them a change can be located."""
    probes = range(size * (PROBES - 1) // PROBES, 0, -max(1, size // PROBES))
    found = (tx.audit.checkpoint_up_to(probe) for probe in probes)
    spread = {each.size: each for each in found if each is not None and each.size < size}
    return [spread[each] for each in sorted(spread, reverse=True)]
