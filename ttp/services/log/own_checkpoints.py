"""Own checkpoints: what this center signed is known by its keys, whoever shows it."""

from __future__ import annotations

from keys.errors import CheckpointInvalid, KeyDestroyed
from keys.keyring import KeyState, Purpose
from keys.signatures import SigningKey
from keys.transparency import Checkpoint, verify_note
from ttp.core.center import Center


def own_checkpoint(center: Center, note: str) -> Checkpoint | None:
    """The checkpoint of this center's log that the note states; None if this center did not sign it."""
    for info in center.keyring.versions(Purpose.SIGNING):
        if info.state is KeyState.DESTROYED:
            continue
        try:
            secret = center.keyring.at(Purpose.SIGNING, "", info.version).secret
            key = SigningKey.from_secret(secret).public
            checkpoint = Checkpoint.from_body(verify_note(note, {center.origin: key}).body)
        except (CheckpointInvalid, KeyDestroyed):
            continue
        return checkpoint if checkpoint.origin == center.origin else None
    return None
