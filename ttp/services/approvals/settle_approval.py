"""Settle approvals: the one mechanism of four eyes. Every step from the request to its end leaves a leaf.

What an approval is for is no matter of this file; use cases ask here, and ``decide_approval`` knows what
carries each kind out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson

from keys.keyring import Purpose
from keys.seal import binding, key_version_of, open_envelope, seal
from ttp.core.access import Actor, Right
from ttp.core.approvals import PERSONS, Approval, ApprovalKind, Comment
from ttp.core.center import Center
from ttp.core.errors import Conflict
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

SCOPE = "approvals:sealed"
"""The keyring's scope of what requests keep sealed; no pseudonym domain can have this name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. ``subject``: names and numbers, for leaves and pages; ``sealed``: everything else."""

    kind: ApprovalKind
    subject: Mapping[str, object]
    id: UUID | None = None
    sealed: Mapping[str, Any] | None = None
    purpose: str | None = field(default=None)


def request_approval(center: Center, tx: Transaction, actor: Actor, asked: Asked) -> Approval:
    """Store the request, open until its kind's time is over. The caller has checked the right to ask."""
    identifier, now = asked.id or center.new_id(), center.clock.now()
    approval = Approval(
        identifier,
        asked.kind,
        asked.subject,
        actor.name,
        now,
        requested_as=actor.kind,
        sealed=None if asked.sealed is None else _sealed(center, identifier, asked.sealed),
    )
    approval = replace(approval, expires_at=now + approval.rule.open_for)
    tx.approvals.add(approval)
    _record(center, tx, actor, approval, EventKind.APPROVAL_REQUESTED, purpose=asked.purpose)
    return approval


def grant_approval(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    approval_id: UUID,
    kind: ApprovalKind,
    comment: Comment | None = None,
    carried_out: bool = True,
) -> Approval:
    """Another person's yes; ``carried_out`` where this transaction also does what was asked for.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
        Conflict: the request is of another kind.
    """
    actor.require(Right.APPROVE)
    asked, now = tx.approvals.get(approval_id), center.clock.now()
    _require_kind(asked, kind)
    granted = asked.approved(by=actor, at=now, alone=center.alone, comment=comment)
    stored = replace(granted.carried_out(at=now), expires_at=None) if carried_out else granted
    tx.approvals.save(stored)
    _record(center, tx, actor, stored, EventKind.APPROVAL_GRANTED)
    return stored


def refuse_approval(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    approval_id: UUID,
    comment: Comment | None = None,
) -> Approval:
    """A person's no.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    actor.require(Right.APPROVE)
    asked, now = tx.approvals.get(approval_id), center.clock.now()
    refused = asked.refused(by=actor, at=now, alone=center.alone, comment=comment)
    tx.approvals.save(refused)
    _record(center, tx, actor, refused, EventKind.APPROVAL_REFUSED)
    return refused


def take_back_approval(
    center: Center, tx: Transaction, actor: Actor, *, approval_id: UUID
) -> Approval:
    """Withdraw one's own request.

    Raises:
        NotFound, NotAllowed, ApprovalClosed: and nothing is changed.
    """
    asked = tx.approvals.get(approval_id)
    withdrawn = asked.withdrawn(by=actor, at=center.clock.now())
    tx.approvals.save(withdrawn)
    _record(center, tx, actor, withdrawn, EventKind.APPROVAL_WITHDRAWN)
    return withdrawn


def let_expire(
    center: Center, tx: Transaction, actor: Actor, *, approval_id: UUID
) -> Approval | None:
    """End a request whose time is over; None when there was nothing to end."""
    asked = tx.approvals.get(approval_id)
    expired = asked.expired(at=center.clock.now())
    if expired == asked:
        return None
    tx.approvals.save(expired)
    _record(center, tx, actor, expired, EventKind.APPROVAL_EXPIRED)
    return expired


def finish_approval(center: Center, tx: Transaction, approval: Approval) -> Approval:
    """Note that what was approved is done; the kind's own leaf says what that was.

    Raises:
        ApprovalClosed: it is not approved, was carried out before, or too late.
    """
    done = approval.carried_out(at=center.clock.now())
    tx.approvals.save(done)
    return done


def at_once_if_alone(center: Center, actor: Actor) -> bool:
    """Whether what the actor asks for is granted with the request: one person suffices here, and may approve."""
    return center.alone and actor.kind in PERSONS and actor.may(Right.APPROVE)


def opened(center: Center, approval: Approval) -> dict[str, Any]:
    """What the request keeps sealed; empty where it keeps nothing."""
    if approval.sealed is None:
        return {}
    key = center.keyring.at(Purpose.SEAL, SCOPE, key_version_of(approval.sealed))
    text = open_envelope(key.secret, approval.sealed, bound_to=_bound(approval.id))
    found: dict[str, Any] = orjson.loads(text)
    return found


def reseal(center: Center, tx: Transaction, approval: Approval, content: Mapping[str, Any]) -> None:
    """Put other content in the place of what the request keeps sealed."""
    tx.approvals.reseal(approval.id, _sealed(center, approval.id, content))


def facts_of(approval: Approval) -> dict[str, str]:
    """What leaves say of a request."""
    about = {name: str(value) for name, value in approval.subject.items()}
    return {**about, "kind": approval.kind.value, "requested_by": approval.requested_by}


def _sealed(center: Center, identifier: UUID, content: Mapping[str, Any]) -> bytes:
    center.keyring.ensure(Purpose.SEAL, SCOPE)
    key = center.keyring.active(Purpose.SEAL, SCOPE)
    text = orjson.dumps(dict(content))
    return seal(key.secret, text, key_version=key.version, bound_to=_bound(identifier))


def _bound(identifier: UUID) -> bytes:
    return binding("approval", "sealed", SCOPE, identifier.bytes)


def _require_kind(asked: Approval, kind: ApprovalKind) -> None:
    if asked.kind is not kind:
        raise Conflict("This request is of another kind.")


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    approval: Approval,
    action: EventKind,
    *,
    purpose: str | None = None,
) -> None:
    facts = facts_of(approval)
    if approval.comment is not None:
        facts["comment"] = approval.comment.value
    act = Act(action, purpose=purpose, approval=str(approval.id), facts=facts)
    record_leaf(center, tx, actor, act)
