"""Trust a peer: a second person's act, answered only once a checkpoint of the log covers it."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.approvals import ApprovalState
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.propose_peer import facts_of
from ttp.services.record_leaf import Act, new_leaf_id, record_leaf


def trust_peer(
    center: Center, tx: Transaction, actor: Actor, *, name: str, approve: bool = True
) -> tuple[Peer, LeafId]:
    """Pin the proposed key, or with ``approve=False`` turn the proposal down.

    Give the leaf to ``await_checkpoint`` before answering: trust is a grave act.

    Raises:
        NotAllowed, UnknownPeer, Conflict, SecondPersonNeeded: and nothing is changed.
    """
    actor.require(Right.APPROVE)
    approval = tx.approvals.get(tx.peers.get(name).approval)
    now = center.clock.now()
    state = ApprovalState.APPROVED if approve else ApprovalState.REFUSED
    tx.approvals.decide(approval.decided(by=actor.name, at=now, state=state, alone=center.alone))
    if approve:
        tx.peers.trust(name, by=actor.name, at=now)
    else:
        tx.peers.withdraw(name, at=now)
    peer = tx.peers.get(name)
    leaf, action = (
        new_leaf_id(center),
        EventKind.PEER_TRUSTED if approve else EventKind.PEER_REFUSED,
    )
    act = Act(action, approval=str(approval.id), facts=facts_of(peer))
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return peer, leaf


def revoke_peer(center: Center, tx: Transaction, actor: Actor, *, name: str) -> LeafId:
    """End the trust in a peer and its keys at once, in every process; one person suffices.

    Raises:
        NotAllowed, UnknownPeer: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    now = center.clock.now()
    peer = tx.peers.get(name)
    if peer.state is PeerState.PROPOSED:
        open_request = tx.approvals.get(peer.approval)
        decided = open_request.decided(
            by=actor.name, at=now, state=ApprovalState.REFUSED, alone=center.alone
        )
        tx.approvals.decide(decided)
        tx.peers.withdraw(name, at=now)
    else:
        tx.peers.revoke(name, at=now)
    leaf = new_leaf_id(center)
    record_leaf(center, tx, actor, Act(EventKind.PEER_REVOKED, facts=facts_of(peer)), leaf_id=leaf)
    return leaf
