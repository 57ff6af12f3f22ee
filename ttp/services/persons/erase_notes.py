"""Erase notes: what people wrote about identities that are deleted, in decisions and in requests for approval.

Kept are notes on pseudonyms (re-identifications), which belong to the record of who asked for them, and the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ttp.core.approvals import ApprovalKind
from ttp.core.center import Center
from ttp.core.decisions import Wish
from ttp.core.names import CaseId, IdentityId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.review import UnknownCase
from ttp.services.approvals.settle_approval import opened, reseal
from ttp.services.persons.seal_identities import seal_reason

_Concerned = Callable[[Transaction, Mapping[str, Any]], frozenset[IdentityId]]

ERASED = "(erased)"
"""Stands where a note of a request stood."""

_NOTE = "reason"
"""Under this name every request keeps its note."""


def erase_notes(center: Center, tx: Transaction, identities: Sequence[IdentityId]) -> int:
    """Leave no note about these identities; returns how many there were. The population's lock is held."""
    decisions = tx.identity_life.decisions_about(identities)
    for decision in decisions:
        tx.identity_life.set_reason(decision, seal_reason(center, LOCAL, decision, ""))
    gone, erased = frozenset(identities), 0
    for asked in tx.approvals.sealed(list(CONCERNED)):
        kept = opened(center, asked)
        if kept.get(_NOTE, ERASED) != ERASED and CONCERNED[asked.kind](tx, kept) & gone:
            reseal(center, tx, asked, {**kept, _NOTE: ERASED})
            erased += 1
    return len(decisions) + erased


def _named(field: str) -> _Concerned:
    return lambda _tx, kept: frozenset(IdentityId(UUID(one)) for one in kept[field])


def _of_wish(tx: Transaction, kept: Mapping[str, Any]) -> frozenset[IdentityId]:
    """Whom a proposed decision is about, be it by its case."""
    wish = Wish.read(kept)
    pairs = [*(wish.pairs or ()), *_asked_by(tx, wish.case_id)]
    found = {one for pair in pairs for one in pair} | set(wish.leaving)
    return frozenset(found | ({wish.member} if wish.member else set()))


def _asked_by(tx: Transaction, case_id: CaseId | None) -> list[tuple[IdentityId, IdentityId]]:
    """The pairs that a case asks about, or the one that took its questions over."""
    while case_id is not None:
        try:
            case = tx.review.get(case_id)
        except UnknownCase:
            break
        if case.successor is None:
            return [one.match.pair for one in tx.review.pairs([case_id]).get(case_id, [])]
        case_id = case.successor
    return []


CONCERNED: Mapping[ApprovalKind, _Concerned] = {
    ApprovalKind.IDENTITY_DELETION: _named("identities"),
    ApprovalKind.SUBJECT_ACCESS: _named("members"),
    ApprovalKind.DECISION: _of_wish,
}
"""The kinds of requests whose notes are about identities, and how each names them."""
