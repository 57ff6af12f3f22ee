"""Decide an approval: one entry per kind says what carries it out and what becomes of it when nobody agrees.

To add a kind: a word in ``ApprovalKind``, its times in ``RULES``, its entry in ``KINDS``, its text on the pages. The
emergency access, which is carried out before it is judged, stands beside the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.approvals import Approval, ApprovalKind, Comment
from ttp.core.center import Center
from ttp.core.errors import Conflict, NotFound
from ttp.core.federation import Peers
from ttp.core.ports import Transaction
from ttp.services.access.break_glass import note_overdue, review_break_glass
from ttp.services.access.request_grant import make_grant
from ttp.services.access.request_role import settle_role
from ttp.services.approvals.settle_approval import let_expire, refuse_approval, take_back_approval
from ttp.services.cases.propose_decision import confirm_decision, drop_proposal
from ttp.services.custody.destroy_keys import approve_destruction, drop_destruction
from ttp.services.domains.change_domain_policy import apply_domain_policy
from ttp.services.log.sequence_leaves import await_checkpoint
from ttp.services.matching.activate_model import activate_model
from ttp.services.peers.trust_peer import drop_peer, trust_peer
from ttp.services.persons.access_subject import approve_subject_access
from ttp.services.persons.delete_identities import carry_out_deletion
from ttp.services.projects.propose_project import approve_project, drop_project
from ttp.services.pseudonyms.reidentify import approve_reidentification
from ttp.services.releases.approve_release import approve_release
from ttp.services.releases.request_release import drop_release

InOne = Callable[[Center, Transaction, Actor, Approval], object]


@dataclass(frozen=True, slots=True)
class Handling:
    """How a kind is carried out, with no transaction open, and what is done to its subject when it is not."""

    approve: Callable[[Center, Peers, Actor, Approval], object]
    drop: InOne | None = None


def in_one(effect: InOne, drop: InOne | None = None) -> Handling:
    """A kind whose effect is in the transaction of the approval."""

    def approve(center: Center, _: Peers, actor: Actor, asked: Approval) -> object:
        return center.work.run(lambda tx: effect(center, tx, actor, asked))

    return Handling(approve, drop)


def decide_approval(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    approval_id: UUID,
    approve: bool,
    comment: Comment | None = None,
) -> Approval:
    """Grant or refuse what somebody asked for. No transaction may be open: grave acts await a checkpoint.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: and nothing is changed; and what the kind raises.
        PeerUnreachable, PeerRefused, PeerAnswerRejected: a site did not say who withdrew from a release.
        AuditUnavailable: it is done, but no checkpoint covers it yet.
    """
    actor.require(Right.APPROVE)
    asked = _get(center, approval_id)
    if asked.kind is ApprovalKind.BREAK_GLASS:
        _review(center, actor, asked, justified=approve, comment=comment)
    elif approve:
        KINDS[asked.kind].approve(center, peers, actor, asked)
    else:
        center.work.run(lambda tx: _refuse(center, tx, actor, asked, comment))
    return _get(center, approval_id)


def withdraw_approval(center: Center, actor: Actor, *, approval_id: UUID) -> Approval:
    """Take back one's own request.

    Raises:
        NotFound, NotAllowed, ApprovalClosed: and nothing is changed.
    """

    def step(tx: Transaction) -> Approval:
        withdrawn = take_back_approval(center, tx, actor, approval_id=approval_id)
        _drop(center, tx, actor, withdrawn)
        return withdrawn

    return center.work.run(step)


def expire_approvals(center: Center) -> int:
    """End what nobody decided or used in time, and note reviews that are overdue; returns how many there were."""
    late = center.work.run(lambda tx: tx.approvals.late(center.clock.now()), write=False)
    return sum(_expire(center, one) for one in late)


def _get(center: Center, approval_id: UUID) -> Approval:
    return center.work.run(lambda tx: tx.approvals.get(approval_id), write=False)


def _refuse(
    center: Center, tx: Transaction, actor: Actor, asked: Approval, comment: Comment | None
) -> None:
    refused = refuse_approval(center, tx, actor, approval_id=asked.id, comment=comment)
    _drop(center, tx, actor, refused)


def _expire(center: Center, asked: Approval) -> bool:
    def step(tx: Transaction) -> bool:
        if asked.rule.mandatory:
            return note_overdue(center, tx, asked)
        expired = let_expire(center, tx, SYSTEM, approval_id=asked.id)
        if expired is not None:
            with suppress(NotFound, Conflict):  # its subject may have ended before it
                _drop(center, tx, SYSTEM, expired)
        return expired is not None

    return center.work.run(step)


def _drop(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> None:
    handling = KINDS.get(asked.kind)
    if handling is not None and handling.drop is not None:
        handling.drop(center, tx, actor, asked)


def _review(
    center: Center, actor: Actor, asked: Approval, *, justified: bool, comment: Comment | None
) -> None:
    leaf = center.work.run(
        lambda tx: review_break_glass(
            center, tx, actor, asked, justified=justified, comment=comment
        )
    )
    await_checkpoint(center, leaf)


def _approve_peer(center: Center, _: Peers, actor: Actor, asked: Approval) -> None:
    name = str(asked.subject["peer"])
    _peer, leaf = center.work.run(
        lambda tx: trust_peer(center, tx, actor, name=name, approval=asked.id)
    )
    await_checkpoint(center, leaf)


def _approve_project(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> object:
    return approve_project(center, tx, actor, name=str(asked.subject["project"]))


def _approve_release(center: Center, peers: Peers, actor: Actor, asked: Approval) -> None:
    project, version = str(asked.subject["project"]), int(str(asked.subject["version"]))
    approve_release(center, peers, actor, project_name=project, version=version)


def _approve_destruction(center: Center, _: Peers, actor: Actor, asked: Approval) -> None:
    approve_destruction(center, actor, destruction_id=asked.id)


def _approve_deletion(center: Center, _: Peers, actor: Actor, asked: Approval) -> None:
    leaf = center.work.run(lambda tx: carry_out_deletion(center, tx, actor, asked))
    await_checkpoint(center, leaf)


KINDS: Mapping[ApprovalKind, Handling] = {
    ApprovalKind.PEER_TRUST: Handling(_approve_peer, drop_peer),
    ApprovalKind.PROJECT: in_one(_approve_project, drop_project),
    ApprovalKind.RELEASE: Handling(_approve_release, drop_release),
    ApprovalKind.KEY_DESTRUCTION: Handling(_approve_destruction, drop_destruction),
    ApprovalKind.GRANT: in_one(make_grant),
    ApprovalKind.ROLE: in_one(settle_role),
    ApprovalKind.DECISION: in_one(confirm_decision, drop_proposal),
    ApprovalKind.DOMAIN_POLICY: in_one(apply_domain_policy),
    ApprovalKind.MATCHING_MODEL: in_one(activate_model),
    ApprovalKind.IDENTITY_DELETION: Handling(_approve_deletion),
    ApprovalKind.SUBJECT_ACCESS: in_one(approve_subject_access),
    ApprovalKind.REIDENTIFICATION: in_one(approve_reidentification),
}
