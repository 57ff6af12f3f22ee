"""Note a peer's log: how far it was co-signed, by this center or by a peer that this center trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from keys.errors import CheckpointInvalid
from keys.signatures import VerifyKey
from keys.transparency import Checkpoint, verify_cosignature, verify_note
from ttp.core.center import Center
from ttp.core.peer_logs import PeerLog
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.log.sequence_leaves import audit_signing_key


@dataclass(frozen=True, slots=True)
class _Witness:
    name: str
    origin: str
    key: VerifyKey


def note_peer_log(center: Center, peer: Peer, note: str) -> bool:
    """Remember the newest co-signature on a checkpoint that the peer shows of its own log; whether there was one."""
    now = center.clock.now()
    keys = center.work.run(lambda tx: tx.peers.accepted_keys(peer.name, at=now), write=False)
    witnesses = center.work.run(lambda tx: _witnesses(center, tx, peer), write=False)
    logs = [_log_of(peer, key, note, witnesses, now) for key in keys]
    log = next((one for one in logs if one is not None), None)
    if log is None:
        return False
    known = center.work.run(lambda tx: tx.peer_logs.get(peer.name), write=False)
    if known is not None and known.cosigned_at >= log.cosigned_at:
        return False
    return center.work.run(lambda tx: tx.peer_logs.put(log))


def _witnesses(center: Center, tx: Transaction, peer: Peer) -> list[_Witness]:
    """This center and the peers it trusts, by every key with which they may sign now."""
    found = [_Witness(str(center.name), center.origin, audit_signing_key(center).public)]
    for other in tx.peers.all():
        if other.state is PeerState.TRUSTED and other.name != peer.name:
            keys = tx.peers.accepted_keys(other.name, at=center.clock.now())
            found += [_Witness(other.name, other.origin, key) for key in keys]
    return found


def _log_of(
    peer: Peer, signed_by: VerifyKey, note: str, witnesses: Sequence[_Witness], now: datetime
) -> PeerLog | None:
    try:
        checkpoint = Checkpoint.from_body(verify_note(note, {peer.origin: signed_by}).body)
    except CheckpointInvalid:
        return None
    logs = [
        PeerLog(peer.name, checkpoint.size, min(at, now), one.name)
        for one in witnesses
        if (at := cosigned_at(note, one.origin, one.key)) is not None
    ]
    if checkpoint.origin != peer.origin or not logs:
        return None
    return max(logs, key=lambda log: log.cosigned_at)


def cosigned_at(note: str, origin: str, key: VerifyKey) -> datetime | None:
    """When the witness of this log name and key co-signed the note; None if it did not."""
    try:
        return datetime.fromtimestamp(verify_cosignature(note, origin, key), UTC)
    except (CheckpointInvalid, OverflowError, ValueError):
        return None
