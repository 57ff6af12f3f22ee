"""Decide cases together: one reason for all that were selected; each becomes a decision of its own in one batch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ttp.core.access import Actor, Right
from ttp.core.case_work import CaseInWork
from ttp.core.center import Center
from ttp.core.decisions import (
    MOST_IN_A_BATCH,
    CaseProposed,
    ConfirmationNeeded,
    Settled,
    SplitNeeded,
    Wish,
)
from ttp.core.errors import InvalidField, NotAllowed, TooManyItems, TTPError
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.review import (
    CaseChanged,
    CaseSettled,
    KeptApart,
    UnknownCase,
    Verdict,
    checked_reason,
)
from ttp.services.cases.propose_decision import decide_or_propose

Selected = tuple[CaseId, int]
"""A case and the version in which it was selected."""

_TOGETHER = frozenset({Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER})
_OF_ONE_CASE = (
    NotAllowed,
    UnknownCase,
    CaseChanged,
    CaseInWork,
    CaseProposed,
    CaseSettled,
    SplitNeeded,
    KeptApart,
    ConfirmationNeeded,
    InvalidField,
)
"""What is found before a case is changed, so that it leaves nothing behind in the transaction of the others."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of each case, in the order given: a decision, a proposal or an error; ``id`` undoes it whole."""

    id: UUID
    outcomes: tuple[Settled | TTPError, ...]

    @property
    def done(self) -> int:
        """How many were decided."""
        return sum(isinstance(one, Settled) and one.decision is not None for one in self.outcomes)


def decide_cases(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    cases: Sequence[Selected],
    verdict: Verdict,
    reason: str,
    until: datetime | None = None,
    confirm: Collection[str] = (),
) -> Batch:
    """Decide all open questions of these cases; one that cannot be decided has its error in its place.

    Raises:
        NotAllowed, ReasonMissing, InvalidField, TooManyItems: and nothing is changed; nor is it where carrying out
        fails, for want of a leaf or of free pseudonyms.
    """
    actor.require(Right.REVIEW)
    checked_reason(reason)
    if verdict not in _TOGETHER:
        raise InvalidField("Cases are decided together as 'same', 'different' or 'later'.")
    if not 1 <= len(cases) <= MOST_IN_A_BATCH:
        raise TooManyItems(f"A batch holds 1 to {MOST_IN_A_BATCH} cases.")
    batch = center.new_id()
    outcomes: list[Settled | TTPError] = []
    for case_id, version in dict(cases).items():
        wish = Wish(
            verdict, reason, case_id, version, until=until, confirm=frozenset(confirm), batch=batch
        )
        outcomes.append(_decided(center, tx, actor, wish))
    return Batch(batch, tuple(outcomes))


def _decided(center: Center, tx: Transaction, actor: Actor, wish: Wish) -> Settled | TTPError:
    try:
        return decide_or_propose(center, tx, actor, wish)
    except _OF_ONE_CASE as error:
        return error
