"""Change a domain's policy: what may be done in it. One person asks, another approves, and it holds at once."""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import Conflict
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.record_leaf import Act, record_leaf
from ttp.services.settle_approval import Asked, grant_approval, request_approval


def request_domain_policy(
    center: Center, tx: Transaction, actor: Actor, *, domain: str, deletable: bool
) -> Approval:
    """Ask that pseudonyms of a domain may, or may no longer, be deleted. The form of pseudonyms never changes.

    Raises:
        NotAllowed, UnknownDomain: and nothing is changed. Conflict: it is so already.
    """
    actor.require(Right.ADMINISTER)
    space = tx.domains.get(domain)
    _require_change(space, deletable=deletable)
    subject = {"domain": space.name, "deletable": _word(allowed=deletable)}
    return request_approval(center, tx, actor, Asked(ApprovalKind.DOMAIN_POLICY, subject))


def apply_domain_policy(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """Approve the request; the policy holds from this transaction on.

    Raises:
        NotAllowed, NotFound, UnknownDomain, Conflict, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    kind = ApprovalKind.DOMAIN_POLICY
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=kind)
    space = tx.domains.get_for_writing(str(granted.subject["domain"]))
    deletable = granted.subject["deletable"] == _word(allowed=True)
    _require_change(space, deletable=deletable)
    tx.domains.set_policy(space, deletable=deletable)
    facts = {"deletable": _word(allowed=deletable), "requested_by": granted.requested_by}
    kind_of_leaf = EventKind.DOMAIN_POLICY_CHANGED
    act = Act(kind_of_leaf, domain=space.name, approval=str(granted.id), facts=facts)
    record_leaf(center, tx, actor, act)
    return granted


def _require_change(space: Domain, *, deletable: bool) -> None:
    if space.deletable is deletable:
        raise Conflict("The policy of this domain says so already.")


def _word(*, allowed: bool) -> str:
    return "yes" if allowed else "no"
