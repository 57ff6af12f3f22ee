"""Decide an approval: a second person's yes or no, carried out by the use case that the request belongs to."""

from __future__ import annotations

from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import Conflict
from ttp.core.federation import Peers
from ttp.services.approve_release import approve_release
from ttp.services.destroy_keys import approve_destruction, refuse_destruction
from ttp.services.propose_project import approve_project, refuse_project
from ttp.services.request_release import refuse_release
from ttp.services.sequence_leaves import await_checkpoint
from ttp.services.trust_peer import trust_peer


def decide_approval(
    center: Center, peers: Peers, actor: Actor, *, approval_id: UUID, approve: bool
) -> None:
    """Grant or refuse what somebody asked for. No transaction may be open: grave acts await a checkpoint.

    Raises:
        NotAllowed, NotFound, Conflict, SecondPersonNeeded: and nothing is changed.
        PeerUnreachable, PeerRefused, PeerAnswerRejected: a site did not say who withdrew from a release.
        AuditUnavailable: it is done, but no checkpoint covers it yet.
    """
    actor.require(Right.APPROVE)
    asked = center.work.run(lambda tx: tx.approvals.get(approval_id), write=False)
    if asked.kind is ApprovalKind.PEER_TRUST:
        _decide_peer(center, actor, asked, approve=approve)
    elif asked.kind is ApprovalKind.PROJECT:
        _decide_project(center, actor, asked, approve=approve)
    elif asked.kind is ApprovalKind.RELEASE:
        _decide_release(center, peers, actor, asked, approve=approve)
    elif asked.kind is ApprovalKind.KEY_DESTRUCTION:
        _decide_destruction(center, actor, asked, approve=approve)
    else:
        raise Conflict("A request of this kind is decided elsewhere.")


def _decide_peer(center: Center, actor: Actor, asked: Approval, *, approve: bool) -> None:
    name = str(asked.subject["peer"])
    _, leaf = center.work.run(lambda tx: trust_peer(center, tx, actor, name=name, approve=approve))
    await_checkpoint(center, leaf)


def _decide_project(center: Center, actor: Actor, asked: Approval, *, approve: bool) -> None:
    name, decide = str(asked.subject["project"]), approve_project if approve else refuse_project
    center.work.run(lambda tx: decide(center, tx, actor, name=name))


def _decide_release(
    center: Center, peers: Peers, actor: Actor, asked: Approval, *, approve: bool
) -> None:
    project, version = str(asked.subject["project"]), int(str(asked.subject["version"]))
    if approve:
        approve_release(center, peers, actor, project_name=project, version=version)
    else:
        center.work.run(
            lambda tx: refuse_release(center, tx, actor, project_name=project, version=version)
        )


def _decide_destruction(center: Center, actor: Actor, asked: Approval, *, approve: bool) -> None:
    if approve:
        approve_destruction(center, actor, destruction_id=asked.id)
    else:
        center.work.run(lambda tx: refuse_destruction(center, tx, actor, destruction_id=asked.id))
