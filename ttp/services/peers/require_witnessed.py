"""Require a witness: a peer whose log nobody has co-signed for too long is neither asked nor answered."""

from __future__ import annotations

from ttp.core.center import Center
from ttp.core.peer_logs import PeerLog, PeerNotWitnessed
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction


def require_witnessed(center: Center, tx: Transaction, peer: Peer) -> Peer:
    """The peer again, if its log was co-signed within the time that the setting ``witness_hours`` gives.

    Raises:
        PeerNotWitnessed: otherwise.
    """
    if is_unwitnessed(center, tx, peer):
        raise PeerNotWitnessed(peer=peer.name)
    return peer


def is_unwitnessed(center: Center, tx: Transaction, peer: Peer) -> bool:
    """Whether the newest known co-signature on the log of a trusted peer is too old."""
    if not center.witness_hours:
        return False
    log = peer_log(tx, peer)
    return center.clock.now() > log.fresh_until(peer, hours=center.witness_hours)


def unwitnessed_peers(center: Center, tx: Transaction) -> list[str]:
    """The trusted peers with which nothing is exchanged for want of a witness, by name."""
    return [
        peer.name
        for peer in tx.peers.all()
        if peer.state is PeerState.TRUSTED and is_unwitnessed(center, tx, peer)
    ]


def peer_log(tx: Transaction, peer: Peer) -> PeerLog:
    """What is known of a peer's log; of a new one, that it was proposed."""
    return tx.peer_logs.get(peer.name) or PeerLog(peer.name, 0, peer.proposed_at, "")
