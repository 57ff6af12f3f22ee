"""Back up the keyring: a sealed copy is recorded before it exists, so that no receipt forgets one."""

from __future__ import annotations

from keys.digests import sha256
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.key_destruction import KeyringBackup
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf


def back_up_keyring(center: Center, tx: Transaction, actor: Actor) -> tuple[KeyringBackup, bytes]:
    """What is recorded of the copy, and the copy: the keyring as it is sealed under the root.

    Store it only once the transaction has committed, apart from backups of the database.

    Raises:
        NotAllowed: the actor does not administer.
    """
    actor.require(Right.ADMINISTER)
    generation, content = center.keyring.sealed_copy()
    leaf = new_leaf_id(center)
    backup = KeyringBackup(
        center.new_id(),
        center.keyring.fingerprint(),
        generation,
        sha256(content),
        actor.name,
        center.clock.now(),
        leaf,
    )
    tx.destructions.add_backup(backup)
    record_leaf(
        center, tx, actor, Act(EventKind.KEYRING_BACKED_UP, facts=facts_of(backup)), leaf_id=leaf
    )
    return backup, content


def facts_of(backup: KeyringBackup) -> dict[str, str]:
    """What leaves say about a copy."""
    return {
        "backup": str(backup.id),
        "keyring": backup.fingerprint,
        "generation": str(backup.generation),
        "sha256": backup.digest.hex(),
    }
