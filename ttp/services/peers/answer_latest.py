"""Answer which checkpoints are the latest: the peer's own, as co-signed here, and this center's, as others did."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.ports import Transaction
from ttp.services.peers.ask_peer import trusted_peer
from ttp.services.peers.describe_trust import trusted_witnesses


def answer_latest(center: Center, tx: Transaction, actor: Actor) -> dict[str, str]:
    """Two notes, each empty where there is none: what was witnessed of the peer (and when), and what of this center.

    Raises:
        NotAllowed, UnknownPeer, PeerNotTrusted: the asking center is no trusted peer.
    """
    del center
    actor.require(Right.FEDERATE)
    origin = trusted_peer(tx, actor.name).origin
    known = [one for one in tx.witnessing.all() if one.origin == origin]
    at = known[0].at.isoformat() if known else ""
    return {"witnessed": known[0].note if known else "", "at": at, "own": _own(tx)}


def _own(tx: Transaction) -> str:
    sizes = [tx.witnessing.cosigned_size(witness.name) for witness in trusted_witnesses(tx)]
    checkpoint = tx.audit.checkpoint(max(sizes, default=0))
    return checkpoint.note if checkpoint else ""
