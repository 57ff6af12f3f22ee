"""Read approvals: who may approve sees all requests, everybody else their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalFilter
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotFound
from ttp.core.ports import Transaction
from ttp.services.approvals.settle_approval import opened

MOST = 500


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """Some requests, newest first; ``before`` names the page after this one, None: there is none."""

    approvals: list[Approval]
    before: UUID | None


def list_approvals(
    tx: Transaction, actor: Actor, wanted: ApprovalFilter, *, limit: int = 50
) -> ApprovalPage:
    """The newest requests that fit and that the actor may see.

    Raises:
        InvalidField: the limit is not between 1 and 500.
    """
    if not 1 <= limit <= MOST:
        raise InvalidField(f"A page holds 1 to {MOST} requests.")
    if not actor.may(Right.APPROVE):
        wanted = replace(wanted, requested_by=actor.name, requested_as=actor.kind)
    found = tx.approvals.page(wanted, limit=limit + 1)
    more = len(found) > limit
    return ApprovalPage(found[:limit], found[limit - 1].id if more else None)


def show_approval(
    center: Center, tx: Transaction, actor: Actor, *, approval_id: UUID
) -> tuple[Approval, dict[str, Any]]:
    """One request, and what of it is kept sealed but may be read by who decides: the reason.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    found = tx.approvals.get(approval_id)
    own = found.is_own(actor) and actor.kind is found.requested_as
    if not own and not actor.may(Right.APPROVE):
        raise NotFound("No such request for approval.")
    kept = opened(center, found)
    return found, {"reason": kept["reason"]} if "reason" in kept else {}
