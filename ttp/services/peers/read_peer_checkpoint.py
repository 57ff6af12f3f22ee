"""Read a checkpoint of a peer's own log: signed with a key that is accepted of the peer now, or refused."""

from __future__ import annotations

from keys.errors import CheckpointInvalid
from keys.signatures import VerifyKey
from keys.transparency import Checkpoint, verify_note
from ttp.core.center import Center
from ttp.core.peers import Peer
from ttp.core.ports import Transaction
from ttp.core.witnessing import CheckpointRefused, read_checkpoint


def read_peer_checkpoint(center: Center, tx: Transaction, peer: Peer, *, note: str) -> Checkpoint:
    """The checkpoint that the note states (C2SP tlog-checkpoint).

    Raises:
        CheckpointMalformed: the note is none.
        CheckpointRefused: it is of another log, or no accepted key of the peer signed it.
    """
    checkpoint = read_checkpoint(note)
    keys = tx.peers.accepted_keys(peer.name, at=center.clock.now())
    if checkpoint.origin != peer.origin or not any(_signed(peer, key, note) for key in keys):
        raise CheckpointRefused
    return checkpoint


def _signed(peer: Peer, key: VerifyKey, note: str) -> bool:
    try:
        verify_note(note, {peer.origin: key})
    except CheckpointInvalid:
        return False
    return True
