"""Propose a peer: its card is pinned only when a second person has compared the key's fingerprint and agrees."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.approvals import ApprovalKind, ApprovalState
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.peers import Peer, PeerCard, PeerState
from ttp.core.ports import Transaction
from ttp.services.approvals.settle_approval import Asked, request_approval
from ttp.services.log.record_leaf import Act, record_leaf


def propose_peer(
    center: Center, tx: Transaction, actor: Actor, *, card: PeerCard, witness: bool = True
) -> Peer:
    """Store what a center says of itself as a proposal. ``witness``: it may co-sign this center's checkpoints.

    It takes the place of an earlier proposal of this name, whose request is refused: nobody agrees to a card that
    was exchanged meanwhile.

    Raises:
        NotAllowed, InvalidField, AlreadyExists, KeyWasRevoked: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    if card.name == center.name:
        raise InvalidField("A center is not its own peer.")
    peer = Peer(
        name=card.name,
        url=card.url,
        key=card.key,
        transport_key=card.transport_key,
        state=PeerState.PROPOSED,
        witness=witness,
        approval=center.new_id(),
        proposed_by=actor.name,
        proposed_at=center.clock.now(),
        statements=card.statements,
    )
    _end_earlier(center, tx, actor, peer)
    tx.peers.propose(peer)
    asked = Asked(ApprovalKind.PEER_TRUST, facts_of(peer), id=peer.approval)
    request_approval(center, tx, actor, asked)
    record_leaf(center, tx, actor, Act(EventKind.PEER_PROPOSED, facts=facts_of(peer)))
    return peer


def end_request(center: Center, tx: Transaction, actor: Actor, peer: Peer) -> None:
    """End the request to trust a peer, whoever asked; nothing where it has ended already."""
    asked, now = tx.approvals.get(peer.approval), center.clock.now()
    if asked.state is not ApprovalState.OPEN:
        return
    late = asked.expired(at=now)
    ended = asked.refused(by=actor, at=now, alone=center.alone) if late == asked else late
    tx.approvals.save(ended)


def _end_earlier(center: Center, tx: Transaction, actor: Actor, new: Peer) -> None:
    for known in tx.peers.all():
        if known.name == new.name and known.state is PeerState.PROPOSED:
            end_request(center, tx, actor, known)


def facts_of(peer: Peer) -> dict[str, str]:
    """What leaves and approvals say of a peer."""
    return {"peer": peer.name, "url": peer.url, "key_id": peer.key.key_id}
