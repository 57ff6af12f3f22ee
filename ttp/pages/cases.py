"""Cases: the queue, one case at a time, its decision; each form names the case and version it was made for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.desk import PAGE, CaseFilter, CaseLine
from ttp.core.names import CaseId, DecisionId
from ttp.core.ports import Transaction
from ttp.core.review import CaseState, Decision, ReviewCase
from ttp.http.center import read, the_center, write
from ttp.pages.case_forms import REASONS, STATES, Asked, asked, case_filter, kept
from ttp.pages.case_view import questions
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.decide_case import decide_case
from ttp.services.show_case import CaseView, reveal_case, show_case


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue. ``more``: the case behind which the next page begins."""

    lines: list[CaseLine]
    total: int
    sources: list[str]
    more: CaseId | None
    last: Decision | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands: its neighbors, how many are open, and what was decided just before."""

    behind: CaseId | None
    before: CaseId | None
    open: int
    last: Decision | None


@page("/cases", right=Right.REVIEW)
def cases() -> str:
    """The queue: what to decide next, most likely matches first."""
    chosen = case_filter(request.args)
    queue = read(lambda tx: _queue(tx, chosen))
    filters = kept(request.args, without="after")
    return render_template("cases.html", queue=queue, chosen=chosen, filters=filters, states=STATES)


@page("/cases/first", right=Right.REVIEW)
def first_case() -> Response:
    """Go to the first open case, or to the empty queue."""
    first = read(_first)
    return go(url_for(".case", case_id=first) if first else url_for(".cases"))


@page("/cases/<uuid:case_id>", right=Right.REVIEW)
def case(case_id: UUID) -> str:
    """One case, masked."""
    actor, center = person().actor, the_center()
    return _shown(read(lambda tx: show_case(center, tx, actor, case_id=CaseId(case_id))))


@page("/cases/<uuid:case_id>/reveal", right=Right.READ_PERSON, method="POST")
def reveal(case_id: UUID) -> str:
    """One case in clear; who looked and why is recorded."""
    reason, actor, center = request.form.get("reason", ""), person().actor, the_center()
    return _shown(
        write(lambda tx: reveal_case(center, tx, actor, case_id=CaseId(case_id), reason=reason))
    )


@page("/cases/<uuid:case_id>/decision", right=Right.REVIEW, method="POST")
def decide(case_id: UUID) -> Response:
    """Decide what the form names, then go on to the next case."""
    form = asked(request.form)
    decision, following = write(lambda tx: _decide(tx, CaseId(case_id), form))
    if following is None:
        return go(url_for(".cases", decided=decision))
    return go(url_for(".case", case_id=following, decided=decision))


def _shown(view: CaseView) -> str:
    place = read(lambda tx: _place(tx, view.case))
    return render_template(
        "case.html", view=view, questions=questions(view), place=place, reasons=REASONS
    )


def _decide(tx: Transaction, case_id: CaseId, form: Asked) -> tuple[DecisionId, CaseId | None]:
    decision = decide_case(
        the_center(),
        tx,
        person().actor,
        case_id=case_id,
        verdict=form.verdict,
        reason=form.reason,
        version=form.version,
        pairs=form.pairs,
    )
    return decision, _following(tx, tx.review.get(case_id))


def _queue(tx: Transaction, chosen: CaseFilter) -> Queue:
    after = request.args.get("after", type=UUID)
    lines = tx.desk.cases(chosen, after=CaseId(after) if after else None)
    more = lines[-1].case.id if len(lines) == PAGE else None
    return Queue(lines, tx.desk.count(chosen), tx.desk.sources(), more, _last(tx))


def _place(tx: Transaction, shown: ReviewCase) -> Place:
    return Place(
        tx.desk.beside(shown, forward=True),
        tx.desk.beside(shown, forward=False),
        tx.desk.count(CaseFilter()),
        _last(tx),
    )


def _last(tx: Transaction) -> Decision | None:
    """The decision just made, which the page reports and offers to undo."""
    decided = request.args.get("decided", type=UUID)
    return tx.review.decision(DecisionId(decided)) if decided else None


def _following(tx: Transaction, decided: ReviewCase) -> CaseId | None:
    """The same case while it asks something, then the one behind it, then the first that is open."""
    if decided.state is CaseState.OPEN:
        return decided.id
    return tx.desk.beside(decided, forward=True) or _first(tx)


def _first(tx: Transaction) -> CaseId | None:
    lines = tx.desk.cases(CaseFilter(), limit=1)
    return lines[0].case.id if lines else None
