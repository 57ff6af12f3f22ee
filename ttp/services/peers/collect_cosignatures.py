"""Collect co-signatures: every trusted witness sees each newest checkpoint, with proof that the log only grew."""

from __future__ import annotations

import base64
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from keys.errors import CheckpointInvalid
from keys.signatures import VerifyKey
from keys.transparency import consistency_proof, verify_cosignature
from ttp.core.audit import StoredCheckpoint
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.federation import FederationPath, Peers
from ttp.core.peers import Peer, PeerAnswerRejected, PeerRefused
from ttp.core.ports import Transaction
from ttp.core.witnessing import ConsistencyRefused, WitnessConflict
from ttp.services.peers.describe_trust import trusted_witnesses

TRIES = 2
RESTING = timedelta(hours=6)
"""After which a checkpoint is shown to a witness again although the log has not grown."""
_OTHER_HISTORY = frozenset({WitnessConflict.code, ConsistencyRefused.code})


@dataclass(frozen=True, slots=True)
class _Offer:
    """A checkpoint for one witness, and the proof from what it co-signed last."""

    checkpoint: StoredCheckpoint
    old_size: int
    proof: list[bytes]

    def payload(self) -> dict[str, Any]:
        return {
            "old_size": self.old_size,
            "proof": [base64.b64encode(entry).decode() for entry in self.proof],
            "checkpoint": self.checkpoint.note,
        }


def collect_cosignatures(center: Center, peers: Peers) -> int:
    """Offer the newest checkpoint to every witness that has not co-signed it; returns how many did.

    A witness that cannot be reached, refuses, or signs something else is passed over until the next time.
    """
    witnesses = center.work.run(trusted_witnesses, write=False)
    return sum(_collect(center, peers, witness) for witness in witnesses)


def _collect(center: Center, peers: Peers, witness: Peer) -> bool:
    for _ in range(TRIES):
        offer = center.work.run(lambda tx: _offer(center, tx, witness), write=False)
        if offer is None:
            return False
        try:
            answer = peers.ask(witness, FederationPath.WITNESS, offer.payload())
            return _keep(center, witness, offer, answer)
        except PeerRefused as refusal:
            if not _correct(center, witness, offer, refusal):
                _announce(center, peers, witness, offer, refusal)
                return False
        except TTPError:
            return False
    return False


def _offer(center: Center, tx: Transaction, witness: Peer) -> _Offer | None:
    """What the witness has not co-signed yet; a log that rests is shown again, so that it counts as witnessed."""
    checkpoint = tx.audit.latest_checkpoint()
    old = tx.witnessing.cosigned_size(witness.name)
    if checkpoint is None or checkpoint.size < old or tx.standing.doubt() is not None:
        return None
    at = tx.witnessing.cosigned_at(witness.name)
    if checkpoint.size == old and at is not None and center.clock.now() < at + RESTING:
        return None
    return _Offer(checkpoint, old, consistency_proof(old, checkpoint.size, tx.audit.node))


def _correct(center: Center, witness: Peer, offer: _Offer, refusal: PeerRefused) -> bool:
    """Begin again from the size that the witness remembers; False when it remembers more than there is."""
    size = refusal.facts.get("size")
    conflict = refusal.facts.get("peer_code") == WitnessConflict.code
    if not conflict or not isinstance(size, int) or not 0 <= size < offer.checkpoint.size:
        return False
    _remember(center, witness, size)
    return size != offer.old_size


def _announce(
    center: Center, peers: Peers, witness: Peer, offer: _Offer, refusal: PeerRefused
) -> None:
    """After an accepted restore, tell a witness that knows another history where the log begins anew."""
    if refusal.facts.get("peer_code") not in _OTHER_HISTORY:
        return
    if center.work.run(lambda tx: tx.restores.last_at(), write=False) is None:
        return
    with contextlib.suppress(TTPError):
        peers.ask(witness, FederationPath.RESTORES, {"checkpoint": offer.checkpoint.note})


def _keep(center: Center, witness: Peer, offer: _Offer, answer: dict[str, Any]) -> bool:
    """Store a genuine co-signature.

    Raises:
        PeerAnswerRejected: the line is none of this witness over this checkpoint.
    """
    line = str(answer.get("cosignature", ""))
    if line.count("\n") != 1 or not line.endswith("\n"):
        raise PeerAnswerRejected("The witness sent more than one line.")
    now = center.clock.now()
    keys = center.work.run(lambda tx: tx.peers.accepted_keys(witness.name, at=now), write=False)
    note = f"{offer.checkpoint.note}{line}"
    if not any(_cosigned(note, witness, key) for key in keys):
        raise PeerAnswerRejected("The witness sent no genuine co-signature.")
    size = offer.checkpoint.size
    center.work.run(lambda tx: tx.audit.append_cosignature(size, line))
    _remember(center, witness, size)
    return True


def _cosigned(note: str, witness: Peer, key: VerifyKey) -> bool:
    try:
        verify_cosignature(note, witness.origin, key)
    except CheckpointInvalid:
        return False
    return True


def _remember(center: Center, witness: Peer, size: int) -> None:
    now = center.clock.now()
    center.work.run(lambda tx: tx.witnessing.put_cosigned_size(witness.name, size, at=now))
