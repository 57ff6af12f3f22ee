"""Delete identities: two persons agree, then nothing is left of what a source said but a tombstone and a receipt.

What hangs on an identity keeps it from being deleted unless it is named: decisions of people, whose edges end and
whose reasons are erased, for people write names into reasons; and statements of consent. Statements go with the last
identity of a person; while the person has others they pass on to the oldest of them, so that no denial is lost.

Pseudonyms are ended by an erasure, which has a receipt of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.approvals import Approval, ApprovalKind, ApprovalState
from ttp.core.center import Center
from ttp.core.errors import Conflict
from ttp.core.event_kinds import EventKind
from ttp.core.identity_life import ChangeKind, ChangeReason, IdentityInUse, UnknownIdentity
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL, Identity, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import Verdict, checked_reason
from ttp.services.approvals.settle_approval import (
    Asked,
    at_once_if_alone,
    grant_approval,
    opened,
    request_approval,
    reseal,
)
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.change_identities import held_identities, note_changes
from ttp.services.persons.erase_notes import ERASED, erase_notes
from ttp.services.persons.settle_persons import settle, with_their_persons
from ttp.services.pseudonyms.erase_originals import complete_receipt

FORMAT = "ttp-deletion-receipt/1"
_TOLD = ("consents", "edges", "notes")


class Hanging(StrEnum):
    """What may hang on an identity and is named to go with it."""

    DECISIONS = "decisions"
    CONSENTS = "consents"


@dataclass(frozen=True, slots=True)
class _Ties:
    decisions: int
    consents: int

    def require_named(self, named: Collection[str]) -> None:
        """Raises IdentityInUse: something hangs there that is not named."""
        ties = {Hanging.DECISIONS: self.decisions, Hanging.CONSENTS: self.consents}
        missing = {what.value: count for what, count in ties.items() if count and what not in named}
        if missing:
            raise IdentityInUse("", **missing)


def request_deletion(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    identities: Sequence[IdentityId],
    reason: ChangeReason,
    note: str,
    named: Collection[Hanging] = (),
) -> Approval:
    """Ask that identities are deleted for good; ``note`` tells who decides why, and is kept sealed.

    Where one person suffices it is done at once.

    Raises:
        NotAllowed, WrongRole, UnknownIdentity, TooManyItems, ReasonMissing: and nothing is changed.
        IdentityInUse: decisions or consents hang on them that are not named; ``facts`` hold their numbers.
    """
    rows = held_identities(center, tx, actor, identities)
    ids = [one.id for one in rows]
    ties = _ties(tx, ids)
    ties.require_named(named)
    subject = {
        "identities": len(ids),
        "persons": _whole_persons(tx, rows),
        "reason": reason.value,
        "decisions": ties.decisions,
        "consents": ties.consents,
    }
    sealed = {
        "identities": [str(one) for one in ids],
        "named": sorted(named),
        "reason": checked_reason(note),
    }
    asked = request_approval(
        center, tx, actor, Asked(ApprovalKind.IDENTITY_DELETION, subject, sealed=sealed)
    )
    if at_once_if_alone(center, actor):
        carry_out_deletion(center, tx, actor, asked)
        return tx.approvals.get(asked.id)
    return asked


def carry_out_deletion(center: Center, tx: Transaction, actor: Actor, asked: Approval) -> LeafId:
    """Approve the request; what it names is erased now. Answer only once a checkpoint covers the leaf.

    Raises:
        NotAllowed, NotFound, ApprovalClosed, SecondPersonNeeded, UnknownIdentity: and nothing is changed.
        IdentityInUse: something hangs on them since that the request did not name.
    """
    kind = ApprovalKind.IDENTITY_DELETION
    granted = grant_approval(center, tx, actor, approval_id=asked.id, kind=kind)
    kept = opened(center, granted)
    ids = [IdentityId(UUID(one)) for one in kept["identities"]]
    rows = held_identities(center, tx, actor, ids)
    ties = _ties(tx, ids)
    ties.require_named(kept["named"])
    leaf = new_leaf_id(center)
    counts = {"identities": len(ids), "decisions": ties.decisions, "consents": ties.consents}
    counts["notes"] = erase_notes(center, tx, ids)
    counts["edges"] = _erase(center, tx, rows, leaf=leaf)
    reseal(center, tx, granted, {**kept, "reason": ERASED, "counts": counts})
    reason = ChangeReason(str(granted.subject["reason"]))
    note_changes(center, tx, actor, ids, ChangeKind.DELETED, reason, leaf=leaf)
    act = Act(
        EventKind.IDENTITIES_DELETED,
        domain=scope_of(LOCAL),
        approval=str(granted.id),
        counts=counts,
        facts={"reason": reason.value, "requested_by": granted.requested_by},
        subjects=tuple(sorted(one.bytes for one in ids)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return leaf


def deletion_receipt(center: Center, actor: Actor, *, approval_id: UUID) -> dict[str, Any]:
    """The signed receipt of a deletion with its proof by the log. No transaction may be open.

    Raises:
        NotAllowed, NotFound: nothing is told. Conflict: nothing was deleted by this request.
        AuditUnavailable: no checkpoint covers it yet.
    """
    actor.require_population(Right.MANAGE_PERSON, LOCAL)
    statement = center.work.run(lambda tx: _statement(center, tx, approval_id), write=False)
    return complete_receipt(center, statement)


def _statement(center: Center, tx: Transaction, approval_id: UUID) -> Mapping[str, Any]:
    done = tx.approvals.get(approval_id)
    if done.kind is not ApprovalKind.IDENTITY_DELETION or (
        done.state is not ApprovalState.CARRIED_OUT
    ):
        raise Conflict("Nothing was deleted by this request.")
    kept = opened(center, done)
    ids = [IdentityId(UUID(one)) for one in kept["identities"]]
    ends = [one for one in tx.identity_life.changes(ids) if one.kind is ChangeKind.DELETED]
    if not ends:
        raise UnknownIdentity
    return {
        "format": FORMAT,
        "center": center.name,
        "approval": str(done.id),
        "requested_by": done.requested_by,
        "approved_by": done.decided_by,
        "deleted_at": ends[0].at.isoformat(),
        "identities": len(ends),
        "erased": {name: many for name, many in kept.get("counts", {}).items() if name in _TOLD},
        "reason": done.subject["reason"],
        "leaf": str(ends[0].leaf),
    }


def _ties(tx: Transaction, identities: Sequence[IdentityId]) -> _Ties:
    standing = tx.review.standing_decisions(identities)
    decisions = [one for one in standing if one.verdict is not Verdict.LATER]
    return _Ties(len(decisions), tx.identity_life.count_consents(identities))


def _whole_persons(tx: Transaction, rows: Sequence[Identity]) -> int:
    """How many persons would be gone altogether."""
    going = {one.id for one in rows}
    staying = {one.person for one in with_their_persons(tx, sorted(going)) if one.id not in going}
    return len({one.person for one in rows} - staying)


def _erase(center: Center, tx: Transaction, rows: Sequence[Identity], *, leaf: LeafId) -> int:
    ids = [one.id for one in rows]
    members = [one.id for one in with_their_persons(tx, ids)]
    _pass_consents_on(tx, rows)
    edges = tx.edges.standing(ids)
    tx.edges.end_some([one.id for one in edges], by=leaf, at=center.clock.now(), leaf=leaf)
    tx.identity_life.erase(LOCAL, ids, leaf=leaf)
    settle(center, tx, members, leaf=leaf)
    return len(edges)


def _pass_consents_on(tx: Transaction, rows: Sequence[Identity]) -> None:
    going = {one.id for one in rows}
    for person in sorted({one.person for one in rows}):
        members = sorted(tx.identities.members([person]), key=lambda one: one.ordinal)
        heir = next((one.id for one in members if one.id not in going), None)
        tx.identity_life.pass_consents_on([one.id for one in members if one.id in going], to=heir)
