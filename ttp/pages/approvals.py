"""Approvals: what one person asked for waits here for another one's yes or no; everybody sees their own requests."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.approvals import ApprovalFilter, ApprovalKind, ApprovalState, Comment
from ttp.core.errors import InvalidField
from ttp.http.center import read, the_center, the_peers
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.approvals.decide_approval import decide_approval, withdraw_approval
from ttp.services.approvals.read_approvals import list_approvals, show_approval

Choice = TypeVar("Choice", bound=StrEnum)
BADGES = {"open": "info", "approved": "info", "carried-out": "good", "refused": "danger"}


@page("/approvals")
def approvals() -> str:
    """Requests, newest first, filtered by state, kind and who asked."""
    actor, asked = person().actor, request.args
    state = _one_of(ApprovalState, asked.get("state", ""))
    kind = _one_of(ApprovalKind, asked.get("kind", ""))
    name = asked.get("requested_by", "").strip()
    before = asked.get("before", type=UUID)
    wanted = ApprovalFilter(state, kind, name or None, before=before)
    found = read(lambda tx: list_approvals(tx, actor, wanted))
    filters = {"state": state, "kind": kind, "requested_by": name}
    return render_template(
        "approvals.html",
        page=found,
        filters=filters,
        before=before,
        states=list(ApprovalState),
        kinds=list(ApprovalKind),
        badges=BADGES,
        now=the_center().clock.now(),
    )


@page("/approvals/<uuid:approval_id>")
def approval(approval_id: UUID) -> str:
    """One request: what would happen, who asked and why; with the forms to answer it."""
    center, actor = the_center(), person().actor
    found, kept = read(lambda tx: show_approval(center, tx, actor, approval_id=approval_id))
    return render_template(
        "approval.html",
        one=found,
        reason=kept.get("reason"),
        own=found.is_own(actor),
        badges=BADGES,
        comments=list(Comment),
        now=center.clock.now(),
    )


@page("/approvals/<uuid:approval_id>", right=Right.APPROVE, method="POST")
def settle(approval_id: UUID) -> Response:
    """Approve or refuse one."""
    decide_approval(
        the_center(),
        the_peers(),
        person().actor,
        approval_id=approval_id,
        approve=request.form.get("answer") == "approve",
        comment=_one_of(Comment, request.form.get("comment", "")),
    )
    return go(url_for(".approval", approval_id=approval_id))


@page("/approvals/<uuid:approval_id>/withdraw", method="POST")
def withdraw(approval_id: UUID) -> Response:
    """Take back one's own request."""
    withdraw_approval(the_center(), person().actor, approval_id=approval_id)
    return go(url_for(".approval", approval_id=approval_id))


def _one_of(choices: type[Choice], text: str) -> Choice | None:
    try:
        return choices(text) if text else None
    except ValueError:
        raise InvalidField("There is no such choice.") from None
