"""Break the glass: in an emergency one person re-identifies alone, at once, few pseudonyms; another one reviews it.

While a review of theirs is overdue a person cannot do it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import SYSTEM, Actor, ActorKind, Right
from ttp.core.approvals import (
    Approval,
    ApprovalKind,
    Comment,
    ReviewOverdue,
)
from ttp.core.center import Center
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.core.reidentification import MOST_IN_AN_EMERGENCY, checked_pseudonyms
from ttp.core.review import checked_reason
from ttp.services.approvals.settle_approval import (
    Asked,
    grant_approval,
    refuse_approval,
    request_approval,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.reidentify import Told
from ttp.services.pseudonyms.reveal_pseudonyms import counts_of, reveal_pseudonyms, subjects_of

EMERGENCY = "emergency"


def break_glass(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    domain: str,
    pseudonyms: Sequence[object],
    reason: str,
) -> Told:
    """Reveal at most 100 pseudonyms now and open the review. Answer only after ``reidentify.cover``.

    Raises:
        NotAllowed: no person, or without the right. ReviewOverdue: an earlier use of theirs waits for its review.
        UnknownDomain, InvalidField, ReasonMissing, TooManyItems, KeysDestroyed: and nothing is changed.
    """
    space = tx.domains.get(domain)
    actor.require(Right.BREAK_GLASS, project=space.project)
    if actor.kind is not ActorKind.STAFF:
        raise NotAllowed("Only a person with an account breaks the glass.")
    if any(one.requested_by == actor.name for one in overdue_reviews(center, tx)):
        raise ReviewOverdue
    wanted = checked_pseudonyms(pseudonyms, most=MOST_IN_AN_EMERGENCY)
    answers = reveal_pseudonyms(center, tx, actor, space, wanted)
    subject = {"domain": space.name, "pseudonyms": len(wanted)}
    sealed = {"pseudonyms": wanted, "reason": checked_reason(reason)}
    review = request_approval(
        center, tx, actor, Asked(ApprovalKind.BREAK_GLASS, subject, sealed=sealed)
    )
    leaf = new_leaf_id(center)
    act = Act(
        EventKind.BREAK_GLASS_USED,
        domain=space.name,
        purpose=EMERGENCY,
        approval=str(review.id),
        counts=counts_of(answers),
        subjects=subjects_of(answers),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return Told(review.id, leaf, answers)


def review_break_glass(
    center: Center,
    tx: Transaction,
    actor: Actor,
    asked: Approval,
    *,
    justified: bool,
    comment: Comment | None,
) -> LeafId:
    """Another person's judgment of an emergency access, with a code that says why; late is better than never.

    Raises:
        InvalidField: without a comment. NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded: nothing changes.
    """
    if comment is None:
        raise InvalidField("A review needs a comment code.")
    if justified:
        kind = ApprovalKind.BREAK_GLASS
        grant_approval(center, tx, actor, approval_id=asked.id, kind=kind, comment=comment)
    else:
        refuse_approval(center, tx, actor, approval_id=asked.id, comment=comment)
    leaf = new_leaf_id(center)
    facts = {
        "judgment": "justified" if justified else "not justified",
        "comment": comment.value,
        "used_by": asked.requested_by,
    }
    act = Act(EventKind.BREAK_GLASS_REVIEWED, approval=str(asked.id), facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return leaf


def overdue_reviews(center: Center, tx: Transaction) -> list[Approval]:
    """Emergency accesses that nobody judged in time."""
    now = center.clock.now()
    return [one for one in tx.approvals.late(now) if one.is_overdue(now)]


def note_overdue(center: Center, tx: Transaction, asked: Approval) -> bool:
    """Record once that a review is overdue; whether there was anything to record."""
    noted = tx.approvals.get(asked.id).overdue(at=center.clock.now())
    if noted is None:
        return False
    tx.approvals.save(noted)
    facts = {"used_by": noted.requested_by}
    act = Act(EventKind.BREAK_GLASS_OVERDUE, approval=str(noted.id), facts=facts)
    record_leaf(center, tx, SYSTEM, act)
    return True
