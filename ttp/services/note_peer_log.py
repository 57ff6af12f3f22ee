"""Note a peer's log: how far it was co-signed, by this center or by a peer that this center trusts."""

from __future__ import annotations

from datetime import UTC, datetime

from keys.errors import CheckpointInvalid
from keys.signatures import VerifyKey
from keys.transparency import Checkpoint, verify_cosignature, verify_note
from ttp.core.center import Center
from ttp.core.peer_logs import PeerLog
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.sequence_leaves import audit_signing_key


def note_peer_log(center: Center, peer: Peer, note: str) -> bool:
    """Remember the newest co-signature on a checkpoint that the peer shows of its own log; whether there was one."""
    witnesses = center.work.run(lambda tx: _witnesses(center, tx, peer), write=False)
    log = _log_of(peer, note, witnesses, center.clock.now())
    if log is None:
        return False
    known = center.work.run(lambda tx: tx.peer_logs.get(peer.name), write=False)
    if known is not None and known.cosigned_at >= log.cosigned_at:
        return False
    return center.work.run(lambda tx: tx.peer_logs.put(log))


def _witnesses(center: Center, tx: Transaction, peer: Peer) -> dict[str, tuple[str, VerifyKey]]:
    found = {center.origin: (str(center.name), audit_signing_key(center).public)}
    for other in tx.peers.all():
        if other.state is PeerState.TRUSTED and other.name != peer.name:
            found[other.origin] = (other.name, other.key)
    return found


def _log_of(
    peer: Peer, note: str, witnesses: dict[str, tuple[str, VerifyKey]], now: datetime
) -> PeerLog | None:
    try:
        checkpoint = Checkpoint.from_body(verify_note(note, {peer.origin: peer.key}).body)
    except CheckpointInvalid:
        return None
    logs = [
        PeerLog(peer.name, checkpoint.size, min(at, now), name)
        for origin, (name, key) in witnesses.items()
        if (at := _cosigned_at(note, origin, key)) is not None
    ]
    if checkpoint.origin != peer.origin or not logs:
        return None
    return max(logs, key=lambda log: log.cosigned_at)


def _cosigned_at(note: str, origin: str, key: VerifyKey) -> datetime | None:
    try:
        return datetime.fromtimestamp(verify_cosignature(note, origin, key), UTC)
    except (CheckpointInvalid, OverflowError, ValueError):
        return None
