"""Confirm a disposal: an operator vouches that a copy of the keyring is gone; that completes receipts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.key_destruction import KeyringBackup
from ttp.core.ports import Transaction
from ttp.services.custody.back_up_keyring import facts_of
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def confirm_disposal(
    center: Center, tx: Transaction, actor: Actor, *, backup_id: UUID
) -> KeyringBackup:
    """Record that every medium with this copy was disposed of; a second time changes nothing.

    Raises:
        NotAllowed, UnknownBackup: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    backup = tx.destructions.backup(backup_id)
    if backup.disposed_at is not None:
        return backup
    leaf = new_leaf_id(center)
    disposed = replace(
        backup, disposed_by=actor.name, disposed_at=center.clock.now(), disposed_leaf=leaf
    )
    tx.destructions.save_backup(disposed)
    act = Act(EventKind.KEYRING_BACKUP_DISPOSED, facts=facts_of(disposed))
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return disposed
