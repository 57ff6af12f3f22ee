"""Keep the anchor: the newest witnessed checkpoint is written outside of the database, and never one that it denies.

With witnesses the anchor is the newest checkpoint that one of them has co-signed, without them the newest one signed.
A new center begins with the checkpoint of the empty log: so every copy of its home has an anchor, and moves it on.
"""

from __future__ import annotations

import logging

from keys.transparency import EMPTY_ROOT, Checkpoint, sign_note
from ttp.core.audit import StoredCheckpoint
from ttp.core.center import Center
from ttp.core.log_standing import LogInDoubt
from ttp.core.ports import Transaction
from ttp.services.log.judge_log import judge_anchor, stop_writing
from ttp.services.log.own_checkpoints import own_checkpoint
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.peers.describe_trust import trusted_witnesses

_log = logging.getLogger("ttp.anchor")


def keep_anchor(center: Center) -> int:
    """Move the anchor on if the log has grown; returns 1 if it moved. A log that denies it is written to no more."""
    finding = center.work.run(lambda tx: judge_anchor(center, tx), write=False)
    if finding is not None:
        if stop_writing(center, finding):
            _log.critical("%s: nothing is written any more", finding.code)
        return 0
    newest = center.work.run(lambda tx: _next(center, tx), write=False)
    if newest is not None:
        center.anchor.write(newest.note)
    if center.anchor.read() is not None:
        _remember(center)
    return int(newest is not None)


def begin_anchor(center: Center) -> None:
    """Anchor a new center: the log that holds nothing yet."""
    empty = Checkpoint(center.origin, 0, EMPTY_ROOT)
    center.anchor.write(sign_note(empty.body(), center.origin, audit_signing_key(center)))
    _remember(center)


def move_anchor(center: Center, checkpoint: StoredCheckpoint) -> None:
    """Make this checkpoint the anchor, whatever it was before: two persons accepted it.

    Raises:
        LogInDoubt: the checkpoint is none of this center.
    """
    if own_checkpoint(center, checkpoint.note) is None:
        raise LogInDoubt
    center.anchor.write(checkpoint.note)
    _remember(center)


def _next(center: Center, tx: Transaction) -> StoredCheckpoint | None:
    """The checkpoint that is to become the anchor; None where it is so already."""
    newest = _newest(tx)
    note = center.anchor.read()
    anchor = own_checkpoint(center, note) if note is not None else None
    if newest is None or tx.standing.doubt() is not None:
        return None
    if anchor is None or newest.size > anchor.size:
        return newest
    return newest if tx.restores.is_lost(anchor.size, anchor.root) else None


def _newest(tx: Transaction) -> StoredCheckpoint | None:
    witnesses = trusted_witnesses(tx)
    if not witnesses:
        return tx.audit.latest_checkpoint()
    size = max(tx.witnessing.cosigned_size(witness.name) for witness in witnesses)
    return tx.audit.checkpoint(size) if size else None


def _remember(center: Center) -> None:
    if not center.work.run(lambda tx: tx.standing.anchored(), write=False):
        center.work.run(lambda tx: tx.standing.put_anchored(center.clock.now()))
