"""Witness a checkpoint: co-sign that a peer's log only grew since the last time, and never co-sign two histories.

The rules are those of add-checkpoint in C2SP tlog-witness. What is co-signed is stored before the
co-signature leaves, in the transaction that checked it. That row is the record: a leaf here would make this
log grow whenever a peer's does, and the peer's in turn, without end.
"""

from __future__ import annotations

from collections.abc import Sequence

from keys.errors import ProofInvalid
from keys.randomness import equal
from keys.transparency import Checkpoint, cosign, verify_consistency
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.peer_logs import PeerLog
from ttp.core.ports import Transaction
from ttp.core.witnessing import (
    MAXIMAL_PROOF,
    CheckpointMalformed,
    ConsistencyRefused,
    WitnessConflict,
    Witnessed,
)
from ttp.services.log.sequence_leaves import audit_signing_key
from ttp.services.peers.ask_peer import trusted_peer
from ttp.services.peers.read_peer_checkpoint import read_peer_checkpoint


def witness_checkpoint(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    old_size: int,
    proof: Sequence[bytes],
    note: str,
) -> str:
    """The co-signature line for a checkpoint of the asking peer's own log.

    1. The note states a checkpoint of the peer's log, signed with a key of the peer's that is accepted now.
    2. The old size is not larger than the new one, and the proof has at most 63 hashes.
    3. The old size is the one co-signed last; where nothing grew, the root is the same.
    4. The proof shows that the new tree begins with the old one.
    5. The new size and root are stored; only then the line is made.

    Raises:
        CheckpointRefused, CheckpointMalformed: at 1 and 2.
        WitnessConflict: at 3 and 5; ``facts["size"]`` is the size co-signed last.
        ConsistencyRefused: at 4.
    """
    actor.require(Right.FEDERATE)
    peer = trusted_peer(tx, actor.name)
    # 1. the peer's own log
    checkpoint = read_peer_checkpoint(center, tx, peer, note=note)
    # 2. form
    if not 0 <= old_size <= checkpoint.size or len(proof) > MAXIMAL_PROOF:
        raise CheckpointMalformed
    # 3. where we left off
    last = tx.witnessing.last(peer.origin) or Witnessed.nothing(peer.origin, center.clock.now())
    same_root = equal(checkpoint.root, last.root)
    if old_size != last.size or (checkpoint.size == last.size and not same_root):
        raise WitnessConflict(size=last.size)
    # 4. only growth
    _check_growth(last, checkpoint, proof)
    # 5. stored before it is signed
    grown = Witnessed(peer.origin, checkpoint.size, checkpoint.root, note, center.clock.now())
    _store(tx, grown, last)
    tx.peer_logs.put(PeerLog(peer.name, grown.size, grown.at, center.name))
    return cosign(
        note, center.origin, audit_signing_key(center), int(center.clock.now().timestamp())
    )


def _check_growth(last: Witnessed, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    try:
        verify_consistency(last.size, checkpoint.size, proof, last.root, checkpoint.root)
    except ProofInvalid as error:
        raise ConsistencyRefused from error


def _store(tx: Transaction, grown: Witnessed, last: Witnessed) -> None:
    if not tx.witnessing.advance(grown, from_size=last.size):
        raise WitnessConflict(size=last.size)
