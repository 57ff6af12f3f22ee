"""Approvals: what one person asked for waits here for another one's yes or no."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.approvals import ApprovalFilter, ApprovalState
from ttp.http.center import read, the_center, the_peers
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.decide_approval import decide_approval

SHOWN = 100


@page("/approvals", right=Right.APPROVE)
def approvals() -> str:
    """Open requests, then decided ones."""
    found = read(lambda tx: tx.approvals.page(ApprovalFilter(), limit=100))
    waiting = [one for one in reversed(found) if one.state is ApprovalState.OPEN]
    decided = [one for one in found if one.state is not ApprovalState.OPEN][:SHOWN]
    me = person().actor.name
    return render_template("approvals.html", waiting=waiting, decided=decided, me=me)


@page("/approvals/<uuid:approval_id>", right=Right.APPROVE, method="POST")
def settle(approval_id: UUID) -> Response:
    """Approve or refuse one."""
    approve = request.form.get("answer") == "approve"
    decide_approval(
        the_center(), the_peers(), person().actor, approval_id=approval_id, approve=approve
    )
    return go(url_for(".approvals"))
