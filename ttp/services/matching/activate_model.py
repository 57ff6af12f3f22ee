"""Activate a model: one person asks, another approves; registration weighs with it from then on, links that stand stay.

To undo it, activate the version that was in use before, or the shipped model, by its name.
"""

from __future__ import annotations

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind
from ttp.core.center import Center
from ttp.core.errors import Conflict
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.matching import shipped_model
from ttp.core.persons import LOCAL, scope_of
from ttp.core.ports import Transaction
from ttp.services.approvals.settle_approval import Asked, grant_approval, request_approval
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.matching.use_model import model_in_use, model_named


def request_activation(center: Center, tx: Transaction, actor: Actor, *, name: str) -> Approval:
    """Ask for another version to be used, or the shipped model again.

    Raises:
        NotAllowed, WrongRole, UnknownModel: and nothing is changed.
        Conflict: it is in use already.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    _require_other(tx, name)
    return request_approval(center, tx, actor, Asked(ApprovalKind.MATCHING_MODEL, {"model": name}))


def activate_model(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> Approval:
    """Approve the request; the next registration uses the version.

    Raises:
        NotAllowed, NotFound, UnknownModel, Conflict, ApprovalClosed, SecondPersonNeeded: and nothing is changed.
    """
    kind = ApprovalKind.MATCHING_MODEL
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=kind)
    name = str(granted.subject["model"])
    before = _require_other(tx, name)
    shipped = name == shipped_model().parameters.name
    tx.models.activate(None if shipped else name, at=center.clock.now())
    facts = {"model": name, "before": before, "requested_by": granted.requested_by}
    act = Act(
        EventKind.MATCHING_MODEL_ACTIVATED,
        domain=scope_of(LOCAL),
        approval=str(granted.id),
        facts=facts,
    )
    record_leaf(center, tx, actor, act)
    return granted


def _require_other(tx: Transaction, name: str) -> str:
    """The name of the model in use, which is not this one; and this one exists."""
    wanted = model_named(tx, name)
    present = model_in_use(tx).parameters.name
    if wanted.parameters.name == present:
        raise Conflict("This model is in use already.")
    return present
