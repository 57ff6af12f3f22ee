"""Trust a peer: a second person's act, answered only once a checkpoint of the log covers it."""

from __future__ import annotations

from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalClosed, ApprovalKind
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.services.approvals.settle_approval import grant_approval, refuse_approval
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.peers.propose_peer import end_request, facts_of


def trust_peer(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    name: str,
    approve: bool = True,
    approval: UUID | None = None,
) -> tuple[Peer, LeafId]:
    """Pin the proposed key, or with ``approve=False`` turn the proposal down.

    ``approval``: the request that was answered; of a proposal made since then it says nothing.

    Give the leaf to ``await_checkpoint`` before answering: trust is a grave act.

    Raises:
        NotAllowed, UnknownPeer, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    actor.require(Right.APPROVE)
    asked = tx.peers.get(name).approval
    if approval not in {None, asked}:
        raise ApprovalClosed
    if not approve:
        refused = refuse_approval(center, tx, actor, approval_id=asked)
        return drop_peer(center, tx, actor, refused)
    grant_approval(center, tx, actor, approval_id=asked, kind=ApprovalKind.PEER_TRUST)
    tx.peers.trust(name, by=actor.name, at=center.clock.now())
    return _recorded(center, tx, actor, EventKind.PEER_TRUSTED, name)


def drop_peer(
    center: Center, tx: Transaction, actor: Actor, asked: Approval
) -> tuple[Peer, LeafId]:
    """What becomes of a proposal that nobody approved: the same center may be proposed again.

    Raises:
        ApprovalClosed: another proposal took its place, and stands.
    """
    name = str(asked.subject["peer"])
    if tx.peers.get(name).approval != asked.id:
        raise ApprovalClosed
    tx.peers.withdraw(name, at=center.clock.now())
    return _recorded(center, tx, actor, EventKind.PEER_REFUSED, name)


def revoke_peer(center: Center, tx: Transaction, actor: Actor, *, name: str) -> LeafId:
    """End the trust in a peer and its keys at once, in every process; one person suffices.

    Raises:
        NotAllowed, UnknownPeer: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    now = center.clock.now()
    peer = tx.peers.get(name)
    if peer.state is PeerState.PROPOSED:
        end_request(center, tx, actor, peer)
        tx.peers.withdraw(name, at=now)
    else:
        tx.peers.revoke(name, at=now)
    leaf = new_leaf_id(center)
    record_leaf(center, tx, actor, Act(EventKind.PEER_REVOKED, facts=facts_of(peer)), leaf_id=leaf)
    return leaf


def _recorded(
    center: Center, tx: Transaction, actor: Actor, action: EventKind, name: str
) -> tuple[Peer, LeafId]:
    peer, leaf = tx.peers.get(name), new_leaf_id(center)
    act = Act(action, approval=str(peer.approval), facts=facts_of(peer))
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return peer, leaf
