"""Re-identify: asked for with a reason, approved by another person, carried out once, by who asked, in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import Conflict, InvalidField, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.core.reidentification import (
    MOST_PSEUDONYMS,
    MOST_USE_HOURS,
    USE_HOURS,
    Answer,
    checked_pseudonyms,
    checked_purpose,
)
from ttp.core.review import checked_reason
from ttp.services.approvals.settle_approval import (
    Asked,
    finish_approval,
    grant_approval,
    opened,
    request_approval,
)
from ttp.services.log.export_audit import sequence_now
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.log.sequence_leaves import await_checkpoint
from ttp.services.pseudonyms.reveal_pseudonyms import counts_of, reveal_pseudonyms, subjects_of


@dataclass(frozen=True, slots=True)
class Told:
    """What was re-identified, in the order asked, and the leaf that says so."""

    approval: UUID
    leaf: LeafId
    answers: list[Answer]


def request_reidentification(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain: str,
    pseudonyms: Sequence[object],
    purpose: str,
    reason: str,
    use_hours: int = USE_HOURS,
) -> Approval:
    """Ask to learn who stands behind at most 1,000 pseudonyms of any domain.

    Pseudonyms and reason are kept sealed. ``use_hours``: how long an approval may be used, at most a week.

    Raises:
        NotAllowed, UnknownDomain, InvalidField, ReasonMissing, TooManyItems: and nothing is changed.
    """
    space = tx.domains.get(domain)
    actor.require(Right.REIDENTIFY, project=space.project)
    if not 1 <= use_hours <= MOST_USE_HOURS:
        raise InvalidField(f"An approval may be used for 1 to {MOST_USE_HOURS} hours.")
    wanted = checked_pseudonyms(pseudonyms, most=MOST_PSEUDONYMS)
    named = checked_purpose(purpose)
    subject = {
        "domain": space.name,
        "pseudonyms": len(wanted),
        "purpose": named,
        "use_hours": use_hours,
    }
    sealed = {"pseudonyms": wanted, "reason": checked_reason(reason)}
    asked = Asked(ApprovalKind.REIDENTIFICATION, subject, sealed=sealed, purpose=named)
    return request_approval(center, tx, actor, asked)


def approve_reidentification(
    center: Center, tx: Transaction, actor: Actor, asked: Approval
) -> Approval:
    """Another person's yes; nothing is revealed yet.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    kind = ApprovalKind.REIDENTIFICATION
    return grant_approval(center, tx, actor, approval_id=asked.id, kind=kind, carried_out=False)


def carry_out_reidentification(
    center: Center, tx: Transaction, actor: Actor, *, approval_id: UUID
) -> Told:
    """Reveal what was approved, once. Answer only after ``cover``: this is a grave act.

    Raises:
        NotAllowed: another's request, or the right was lost meanwhile. NotFound, Conflict: no such request.
        ApprovalClosed: not approved, carried out before, or too late. KeysDestroyed: there is nothing to reveal.
    """
    actor.require(Right.REIDENTIFY)
    asked = tx.approvals.get(approval_id)
    if asked.kind is not ApprovalKind.REIDENTIFICATION:
        raise Conflict("This request is of another kind.")
    if not asked.is_own(actor) or actor.kind is not asked.requested_as:
        raise NotAllowed("Only who asked for it carries out a re-identification.")
    space = tx.domains.get(str(asked.subject["domain"]))
    actor.require(Right.REIDENTIFY, project=space.project)
    finish_approval(center, tx, asked)
    answers = reveal_pseudonyms(center, tx, actor, space, opened(center, asked)["pseudonyms"])
    leaf = new_leaf_id(center)
    act = Act(
        EventKind.PSEUDONYMS_REIDENTIFIED,
        domain=space.name,
        purpose=str(asked.subject["purpose"]),
        approval=str(asked.id),
        counts=counts_of(answers),
        facts={"approved_by": asked.decided_by or ""},
        subjects=subjects_of(answers),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return Told(asked.id, leaf, answers)


def cover(center: Center, leaf: LeafId) -> None:
    """Wait until a checkpoint covers the leaf of a grave act. No transaction may be open.

    Raises:
        AuditUnavailable: it did not happen in time; nothing is answered.
    """
    sequence_now(center)
    await_checkpoint(center, leaf)
