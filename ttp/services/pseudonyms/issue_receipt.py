"""Issue a receipt: what was destroyed, by whose will, proven by the log, and which copies of the keyring still exist.

It is complete only when the disposal of every copy that is older than the destruction is confirmed. Anybody checks
it with the center's public key: the signature covers all other members as canonical JSON (RFC 8785).
"""

from __future__ import annotations

from uuid import UUID

from keys.digests import canonical_json
from keys.transparency import inclusion_proof
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import AuditUnavailable, Conflict
from ttp.core.key_destruction import KeyDestruction, KeyringBackup
from ttp.core.ports import Transaction
from ttp.services.log.sequence_leaves import audit_signing_key

FORMAT = "ttp-destruction-receipt/1"


def issue_receipt(
    center: Center, tx: Transaction, actor: Actor, *, destruction_id: UUID
) -> dict[str, object]:
    """The receipt of a destruction as it stands now, signed.

    Raises:
        NotAllowed, UnknownDestruction: nothing is told.
        Conflict: the keys are not destroyed yet. AuditUnavailable: no checkpoint covers it yet.
    """
    actor.require(Right.READ_AUDIT)
    done = tx.destructions.get(destruction_id)
    if done.destroyed_at is None or done.generation is None:
        raise Conflict("These keys are not destroyed.")
    copies = [_copy(one) for one in older_copies(tx, done)]
    receipt: dict[str, object] = {
        "format": FORMAT,
        "center": center.name,
        "destruction": str(done.id),
        **_keys(center, done),
        "requested_by": done.requested_by,
        "approved_by": done.decided_by,
        "destroyed_at": done.destroyed_at.isoformat(),
        "keyring": {"fingerprint": done.fingerprint, "generation": done.generation},
        "log": _proof(tx, done),
        "copies": copies,
        "complete": all(one["disposed_at"] for one in copies),
    }
    key = audit_signing_key(center)
    signature = key.sign(canonical_json(receipt)).hex()
    return {**receipt, "signature": {"key_id": key.key_id, "ed25519": signature}}


def older_copies(tx: Transaction, done: KeyDestruction) -> list[KeyringBackup]:
    """The copies of the keyring that may hold the destroyed keys."""
    generation = done.generation or 0
    return [
        one
        for one in tx.destructions.backups()
        if one.fingerprint == done.fingerprint and one.generation < generation
    ]


def _keys(center: Center, done: KeyDestruction) -> dict[str, object]:
    versions = [
        {"purpose": info.purpose.value, "version": info.version}
        for info in center.keyring.all_versions()
        if info.domain == done.scope
        and (done.purpose is None or (info.purpose, info.version) == (done.purpose, done.version))
    ]
    return {"scope": done.scope, "whole_scope": done.purpose is None, "versions": versions}


def _proof(tx: Transaction, done: KeyDestruction) -> dict[str, object]:
    newest = tx.audit.latest_checkpoint()
    position = tx.audit.position(done.leaf) if done.leaf else None
    if newest is None or position is None or position >= newest.size:
        raise AuditUnavailable("No checkpoint covers the destruction yet.")
    return {
        "leaf": str(done.leaf),
        "position": position,
        "hash": tx.audit.node(0, position).hex(),
        "proof": [node.hex() for node in inclusion_proof(position, newest.size, tx.audit.node)],
        "checkpoint": newest.note,
    }


def _copy(backup: KeyringBackup) -> dict[str, object]:
    return {
        "backup": str(backup.id),
        "made_at": backup.made_at.isoformat(),
        "made_by": backup.made_by,
        "generation": backup.generation,
        "sha256": backup.digest.hex(),
        "disposed_at": backup.disposed_at.isoformat() if backup.disposed_at else None,
        "disposed_by": backup.disposed_by,
    }
