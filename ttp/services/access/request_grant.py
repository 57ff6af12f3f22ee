"""Request a grant: resolving as a matter of routine, in one domain, with a budget and an end, by two persons."""

from __future__ import annotations

from datetime import timedelta

from ttp.core.access import Actor, Right
from ttp.core.accounts import Client, Grant
from ttp.core.approvals import Approval, ApprovalKind, ApprovalState
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import InvalidField, NotFound
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.core.review import checked_reason
from ttp.services.approvals.settle_approval import (
    Asked,
    at_once_if_alone,
    grant_approval,
    request_approval,
)
from ttp.services.log.record_leaf import Act, record_leaf

MOST_A_DAY = 10_000_000
MOST_DAYS = 366


def request_grant(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    client: str,
    domain: str,
    purpose: str,
    daily_budget: int,
    days: int,
) -> Approval:
    """Ask that a client may resolve up to ``daily_budget`` pseudonyms of a domain a day, for so many days.

    Where one person suffices the grant stands at once.

    Raises:
        NotAllowed, NotFound, UnknownDomain, InvalidField, ReasonMissing: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    owner, space = _client(tx, client), tx.domains.get(domain)
    _check(owner, space, daily_budget, days)
    subject = {
        "client": owner.name,
        "domain": space.name,
        "purpose": checked_reason(purpose),
        "daily_budget": daily_budget,
        "days": days,
    }
    asked = request_approval(center, tx, actor, Asked(ApprovalKind.GRANT, subject))
    if at_once_if_alone(center, actor):
        return make_grant(center, tx, actor, asked)
    return asked


def make_grant(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """Approve the request; the grant stands from now on, for the days asked for.

    Raises:
        NotAllowed, NotFound, UnknownDomain, InvalidField, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=ApprovalKind.GRANT)
    subject = granted.subject
    owner, space = _client(tx, str(subject["client"])), tx.domains.get(str(subject["domain"]))
    budget, days = int(str(subject["daily_budget"])), int(str(subject["days"]))
    _check(owner, space, budget, days)
    tx.clients.add_grant(
        Grant(
            granted.id,
            owner.id,
            space.id,
            str(subject["purpose"]),
            budget,
            center.clock.now() + timedelta(days=days),
            tuple(dict.fromkeys((granted.requested_by, actor.name))),
        )
    )
    act = Act(
        EventKind.GRANT_MADE,
        domain=space.name,
        purpose=str(subject["purpose"]),
        approval=str(granted.id),
        counts={"daily_budget": budget, "days": days},
        facts={"client": owner.name, "requested_by": granted.requested_by},
    )
    record_leaf(center, tx, actor, act)
    return granted


def grants_waiting(tx: Transaction, *, client: str) -> list[Approval]:
    """The grants of this client that wait for a second person."""
    return [
        one
        for one in tx.approvals.open()
        if one.kind is ApprovalKind.GRANT
        and one.state is ApprovalState.OPEN
        and one.subject.get("client") == client
    ]


def _client(tx: Transaction, name: str) -> Client:
    found = next((one for one in tx.clients.all() if one.name == name), None)
    if found is None or found.revoked_at is not None:
        raise NotFound("No client of this name has access.")
    return found


def _check(owner: Client, space: Domain, daily_budget: int, days: int) -> None:
    owner.actor().require(Right.RESOLVE, space.name)
    if space.project is not None:
        raise InvalidField("Pseudonyms of a project are re-identified by an approval each time.")
    if not 1 <= daily_budget <= MOST_A_DAY:
        raise InvalidField(f"A daily budget lies between 1 and {MOST_A_DAY}.")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidField(f"A grant stands for 1 to {MOST_DAYS} days.")
