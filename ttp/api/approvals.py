"""Approvals over JSON: four eyes. List, read, decide and withdraw requests; ask for grants and domain policies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, answer, problems
from ttp.core.access import Actor
from ttp.core.approvals import Approval, ApprovalFilter, ApprovalKind, ApprovalState, Comment
from ttp.core.domain_policy import ParentRule
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, the_peers
from ttp.http.idempotency import answer_once
from ttp.services.access.request_grant import MOST_A_DAY, MOST_DAYS, request_grant
from ttp.services.approvals.decide_approval import decide_approval, withdraw_approval
from ttp.services.approvals.read_approvals import MOST, list_approvals, show_approval
from ttp.services.domains.change_domain_policy import request_domain_policy

api = APIBlueprint(
    "approvals",
    __name__,
    url_prefix="/api/v1/approvals",
    abp_tags=[Tag(name="approvals")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 422, 503),
)


class ApprovalPath(BaseModel):
    """One request."""

    approval_id: UUID


class ApprovalQuery(BaseModel):
    """Which requests, newest first."""

    state: ApprovalState | None = None
    kind: ApprovalKind | None = None
    requested_by: str | None = Field(None, max_length=63)
    before: UUID | None = Field(None, description="the last one of the page before")
    limit: int = Field(50, ge=1, le=MOST)


class DecisionBody(Body):
    """Why it is decided so, as a code; a review of an emergency access needs one."""

    comment: Comment | None = Field(None, strict=False)


class GrantBody(Body):
    """Ask that a client may resolve in a domain as a matter of routine."""

    client: str = Field(max_length=63)
    domain: str = Field(max_length=512)
    purpose: str = Field(max_length=500)
    daily_budget: int = Field(ge=1, le=MOST_A_DAY)
    days: int = Field(ge=1, le=MOST_DAYS)


class PolicyBody(Body):
    """Ask for another policy of a domain; what is left out stays as it is."""

    domain: str = Field(max_length=512)
    deletable: bool | None = Field(None, description="whether pseudonyms may be deleted")
    anonymizable: bool | None = Field(None, description="whether links may be destroyed")
    validity: str | None = Field(
        None, max_length=32, description="ISO 8601 duration of new pseudonyms, or none"
    )
    parent_rule: ParentRule | None = Field(None, strict=False)
    parents: list[str] | None = Field(None, max_length=16)


class ApprovalEntry(BaseModel):
    """A request for approval and where it stands."""

    id: UUID
    kind: ApprovalKind
    state: ApprovalState
    subject: dict[str, Any]
    requested_by: str
    requested_at: str
    expires_at: str | None
    decided_by: str | None
    decided_at: str | None
    done_at: str | None
    comment: Comment | None
    overdue: bool
    reason: str | None = None


class ApprovalList(BaseModel):
    """Some requests, newest first. ``before`` names the next page."""

    approvals: list[ApprovalEntry]
    before: UUID | None


@api.get("", responses={200: ApprovalList}, summary="List requests for approval")
def list_requests(query: ApprovalQuery) -> Response:
    """Answer with the newest requests: all to who may approve, their own to everybody else."""
    actor = calling_actor()
    wanted = ApprovalFilter(query.state, query.kind, query.requested_by, before=query.before)
    page = read(lambda tx: list_approvals(tx, actor, wanted, limit=query.limit))
    found = [entry_of(one) for one in page.approvals]
    return answer({"approvals": found, "before": page.before})


@api.get("/<uuid:approval_id>", responses={200: ApprovalEntry}, summary="Read a request")
def get_request(path: ApprovalPath) -> Response:
    """Answer with one request, its reason included."""
    actor = calling_actor()
    found, kept = read(
        lambda tx: show_approval(the_center(), tx, actor, approval_id=path.approval_id)
    )
    return answer({**entry_of(found), **kept})


@api.post("/<uuid:approval_id>/approve", responses={200: ApprovalEntry}, summary="Approve")
def approve(path: ApprovalPath, body: DecisionBody) -> Response:
    """Agree, as another person than the one who asked; what needs no further step is done at once."""
    return _decide(path, body, approve=True)


@api.post("/<uuid:approval_id>/refuse", responses={200: ApprovalEntry}, summary="Refuse")
def refuse(path: ApprovalPath, body: DecisionBody) -> Response:
    """Turn a request down."""
    return _decide(path, body, approve=False)


@api.post("/<uuid:approval_id>/withdraw", responses={200: ApprovalEntry}, summary="Withdraw")
def withdraw(path: ApprovalPath) -> Response:
    """Take back one's own request."""
    actor = calling_actor()
    withdrawn = withdraw_approval(the_center(), actor, approval_id=path.approval_id)
    return answer(entry_of(withdrawn))


@api.post("/grants", responses={200: ApprovalEntry}, summary="Ask for a standing grant")
def ask_for_grant(body: GrantBody) -> Response:
    """Ask that a client may resolve in one of its domains, up to so many pseudonyms a day."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _grant(tx, actor, body))


@api.post("/domain-policies", responses={200: ApprovalEntry}, summary="Ask for a domain's policy")
def ask_for_policy(body: PolicyBody) -> Response:
    """Ask for what may be done in a domain, how long pseudonyms are valid, and its parents."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _policy(tx, actor, body))


def entry_of(one: Approval) -> dict[str, Any]:
    """The JSON form of a request; orjson writes times and IDs."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "state": one.state.value,
        "subject": dict(one.subject),
        "requested_by": one.requested_by,
        "requested_at": one.requested_at,
        "expires_at": one.expires_at,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "done_at": one.done_at,
        "comment": one.comment.value if one.comment else None,
        "overdue": one.is_overdue(the_center().clock.now()),
    }


def _decide(path: ApprovalPath, body: DecisionBody, *, approve: bool) -> Response:
    actor = calling_actor()
    decided = decide_approval(
        the_center(),
        the_peers(),
        actor,
        approval_id=path.approval_id,
        approve=approve,
        comment=body.comment,
    )
    return answer(entry_of(decided))


def _grant(tx: Transaction, actor: Actor, body: GrantBody) -> bytes:
    asked = request_grant(
        the_center(),
        tx,
        actor,
        client=body.client,
        domain=body.domain,
        purpose=body.purpose,
        daily_budget=body.daily_budget,
        days=body.days,
    )
    return orjson.dumps(entry_of(asked))


def _policy(tx: Transaction, actor: Actor, body: PolicyBody) -> bytes:
    center = the_center()
    asked = request_domain_policy(
        center,
        tx,
        actor,
        domain=body.domain,
        deletable=body.deletable,
        anonymizable=body.anonymizable,
        validity=body.validity,
        parent_rule=body.parent_rule,
        parents=body.parents,
    )
    return orjson.dumps(entry_of(asked))
