"""Arrange cases: who decides them and by when, who is at work on one, and when what was postponed comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ttp.core.access import ROLE_RIGHTS, SYSTEM, Actor, Right
from ttp.core.case_work import LEASE, MOST_VIEWS, CaseInWork, Lease, SavedView, UnknownView
from ttp.core.center import Center
from ttp.core.decisions import MOST_IN_A_BATCH
from ttp.core.errors import InvalidField, TooManyItems
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.review import CaseState
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf

_RETURNED_AT_ONCE = 500
_LONGEST_NAME = 63
_LONGEST_QUERY = 500


def assign_cases(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    cases: Sequence[CaseId],
    assignee: str | None,
) -> None:
    """Give cases to a colleague, or with None back to everybody; their versions stay.

    Raises:
        NotAllowed, UnknownCase, TooManyItems: and nothing is changed.
        InvalidField: no open account of this name may review.
    """
    _require(tx, actor, cases)
    if assignee is not None:
        account = tx.staff.by_name(assignee)
        if account is None or Right.REVIEW not in ROLE_RIGHTS[account.role]:
            raise InvalidField("No account of this name may decide cases.")
    tx.case_work.assign(cases, assignee)
    facts = {"what": "assigned", "assignee": assignee or ""}
    _record(center, tx, actor, len(cases), facts)


def set_due(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    cases: Sequence[CaseId],
    due_at: datetime | None,
) -> None:
    """Say by when cases should be decided; None: no more.

    Raises:
        NotAllowed, UnknownCase, TooManyItems: and nothing is changed.
    """
    _require(tx, actor, cases)
    tx.case_work.set_due(cases, due_at)
    due = due_at.isoformat() if due_at else ""
    _record(center, tx, actor, len(cases), {"what": "due", "due": due})


def work_on(
    center: Center, tx: Transaction, actor: Actor, *, case_id: CaseId, take_over: bool = False
) -> Lease:
    """Tell others for five minutes that the actor works on a case; again renews it.

    Raises:
        NotAllowed, UnknownCase: and nothing is changed.
        CaseInWork: somebody else does, and it is not taken over; ``facts`` say who and until when.
    """
    actor.require(Right.REVIEW)
    actor.require_population(Right.REVIEW, tx.review.get(case_id).population)
    now, name = center.clock.now(), f"{actor.kind}:{actor.name}"
    held = tx.case_work.lease(case_id)
    taken = held.taken_at if held is not None and held.holder == name else now
    lease = Lease(case_id, name, taken, now + LEASE)
    if not tx.case_work.take(lease, at=now, over=take_over):
        other = tx.case_work.lease(case_id) or lease
        raise CaseInWork(holder=other.holder, until=other.expires_at.isoformat())
    return lease


def bring_back(center: Center) -> int:
    """Let postponed cases come back whose time has come; returns how many."""

    def step(tx: Transaction) -> int:
        now = center.clock.now()
        due = tx.case_work.returning(now, limit=_RETURNED_AT_ONCE)
        for population in sorted({tx.review.get(one).population for one in due}):
            tx.identities.lock(population)  # nobody decides them meanwhile, or has just done so
        cases = [one for one in due if tx.review.get(one).state is CaseState.POSTPONED]
        if not cases:
            return 0
        leaf = new_leaf_id(center)
        for case_id in cases:
            tx.review.change(case_id, state=CaseState.OPEN, at=now, leaf=leaf)
        act = Act(
            EventKind.CASES_ARRANGED, counts={"cases": len(cases)}, facts={"what": "returned"}
        )
        record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)
        return len(cases)

    if not center.work.run(
        lambda tx: tx.case_work.returning(center.clock.now(), limit=1), write=False
    ):
        return 0
    return center.work.run(step)


def save_view(tx: Transaction, actor: Actor, *, name: str, query: str) -> SavedView:
    """Keep a filter of the queue under a name; one of the same name is replaced.

    Raises:
        NotAllowed, InvalidField: and nothing is changed.
    """
    actor.require(Right.REVIEW)
    if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidField(f"A view has a name of 1 to {_LONGEST_NAME} characters.")
    views = tx.case_work.views(actor.name)
    if len(query) > _LONGEST_QUERY or (
        len(views) >= MOST_VIEWS and name not in {one.name for one in views}
    ):
        raise InvalidField(f"A person has at most {MOST_VIEWS} views.")
    view = SavedView(actor.name, name.strip(), query)
    tx.case_work.save_view(view)
    return view


def drop_view(tx: Transaction, actor: Actor, *, name: str) -> None:
    """Forget a view.

    Raises:
        NotAllowed, UnknownView: and nothing is changed.
    """
    actor.require(Right.REVIEW)
    if not tx.case_work.drop_view(actor.name, name):
        raise UnknownView


def _require(tx: Transaction, actor: Actor, cases: Sequence[CaseId]) -> None:
    actor.require(Right.REVIEW)
    if not 1 <= len(cases) <= MOST_IN_A_BATCH:
        raise TooManyItems(f"A batch holds 1 to {MOST_IN_A_BATCH} cases.")
    for population in {tx.review.get(one).population for one in cases}:
        actor.require_population(Right.REVIEW, population)


def _record(
    center: Center, tx: Transaction, actor: Actor, count: int, facts: dict[str, str]
) -> None:
    act = Act(EventKind.CASES_ARRANGED, counts={"cases": count}, facts=facts)
    record_leaf(center, tx, actor, act)
