"""Cases: the queue, one case at a time, its decision; each form names the case and version it was made for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import ROLE_RIGHTS, Right
from ttp.core.case_work import SavedView
from ttp.core.decisions import ConfirmationNeeded, Settled, Wish
from ttp.core.desk import PAGE, CaseFilter, CaseLine
from ttp.core.errors import InvalidField
from ttp.core.glimpse import glimpse
from ttp.core.names import CaseId
from ttp.core.ports import Transaction
from ttp.core.quality_desk import known_seconds
from ttp.core.review import CaseState, Decision, ReviewCase
from ttp.http.center import read, the_center, write
from ttp.pages.case_forms import STATES, asked, case_filter, kept
from ttp.pages.case_shown import Shown, drawn, go_on, just_decided, masked, placed
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.pages.split_person import GLIMPSED, foreseen
from ttp.services.cases.propose_decision import decide_or_propose
from ttp.services.cases.show_case import reveal_case
from ttp.services.quality.answer_check import keep_decision_time

_AGAIN = frozenset({"verdict", "reason", "note", "version", "pair", "member", "until"})


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue. ``more``: the case behind which the next page begins."""

    lines: list[CaseLine]
    total: int
    sources: list[str]
    more: CaseId | None
    last: Decision | None
    doubts: list[str]
    views: list[SavedView]
    colleagues: list[str]


@page("/cases", right=Right.REVIEW)
def cases() -> str:
    """The queue: what to decide next, contradictions first, then the most likely matches."""
    center = the_center()
    chosen = case_filter(request.args, me=person().actor, now=center.clock.now())
    queue = read(lambda tx: _queue(tx, chosen))
    filters = kept(request.args, without="after")
    return render_template(
        "cases.html",
        queue=queue,
        chosen=chosen,
        filters=filters,
        states=STATES,
        reasons=center.desk.reasons,
        query=urlencode(filters),
    )


@page("/cases/first", right=Right.REVIEW)
def first_case() -> Response:
    """Go to the first open case, or to the empty queue."""
    first = read(_first)
    return go(url_for(".case", case_id=first) if first else url_for(".cases"))


@page("/cases/<uuid:case_id>", right=Right.REVIEW)
def case(case_id: UUID) -> str:
    """One case, masked."""
    return drawn(read(lambda tx: masked(tx, CaseId(case_id), request.args)), request.args)


@page("/cases/<uuid:case_id>/reveal", right=Right.READ_PERSON, method="POST")
def reveal(case_id: UUID) -> str:
    """One case in clear; who looked and why is recorded."""
    reason, actor, center = request.form.get("reason", ""), person().actor, the_center()

    def act(tx: Transaction) -> Shown:
        view = reveal_case(center, tx, actor, case_id=CaseId(case_id), reason=reason)
        return placed(tx, view, request.args)

    return drawn(write(act), request.args)


@page("/cases/<uuid:case_id>/decision", right=Right.REVIEW, method="POST")
def decide(case_id: UUID) -> Response | tuple[str, int]:
    """Decide what the form names, then go on to the next case."""
    return after_decision(asked(request.form).wish(CaseId(case_id)))


def after_decision(wish: Wish) -> Response | tuple[str, int]:
    """Decide or propose, and go on; what contradicts itself is asked once more, in words to be typed."""
    _check_typed(wish)
    try:
        done, following = write(lambda tx: _decide(tx, wish))
    except ConfirmationNeeded as needed:
        return _unconfirmed(wish, needed), 409
    told = {"decided": str(done.decision)} if done.decision else {"proposed": str(done.approval)}
    if following is None:
        return go(f"{url_for('.cases')}?{urlencode(told)}")
    return go_on(following, told)


def short(case_id: object) -> str:
    """How pages name a case: the end of its ID."""
    return str(case_id)[-6:].upper()


def _check_typed(wish: Wish) -> None:
    """Who joins what contradicts itself types the name of the case."""
    if wish.confirm and request.form.get("typed", "").strip().upper() != short(wish.case_id):
        raise InvalidField("What was typed is not the name of the case.")


def _unconfirmed(wish: Wish, needed: ConfirmationNeeded) -> str:
    fields = needed.facts.get("confirm")
    return render_template(
        "confirm.html",
        found=write(lambda tx: foreseen(tx, wish)),
        glimpse=glimpse,
        glimpsed=GLIMPSED,
        wish=wish,
        name=short(wish.case_id),
        contradictions=fields if isinstance(fields, list) else [],
        given=[(name, value) for name, value in request.form.items(multi=True) if name in _AGAIN],
    )


def _decide(tx: Transaction, wish: Wish) -> tuple[Settled, CaseId | None]:
    done = decide_or_propose(the_center(), tx, person().actor, wish)
    if done.decision:
        seconds = known_seconds(request.form.get("seconds", ""))
        keep_decision_time(tx, person().actor, decision=done.decision, seconds=seconds)
    return done, None if wish.case_id is None else _following(tx, tx.review.get(wish.case_id))


def _queue(tx: Transaction, chosen: CaseFilter) -> Queue:
    after = request.args.get("after", type=UUID)
    lines = tx.desk.cases(chosen, after=CaseId(after) if after else None)
    more = lines[-1].case.id if len(lines) == PAGE else None
    staff = [str(one.name) for one in tx.staff.all() if Right.REVIEW in ROLE_RIGHTS[one.role]]
    return Queue(
        lines,
        tx.desk.count(chosen),
        tx.desk.sources(),
        more,
        just_decided(tx, request.args),
        tx.desk.doubts(),
        tx.case_work.views(person().actor.name),
        staff,
    )


def _following(tx: Transaction, decided: ReviewCase) -> CaseId | None:
    """The same case while it asks something, then the one behind it, then the first that is open."""
    if decided.state is CaseState.OPEN:
        return decided.id
    seen = person().actor.populations
    return tx.desk.beside(decided, forward=True, populations=seen) or _first(tx)


def _first(tx: Transaction) -> CaseId | None:
    lines = tx.desk.cases(CaseFilter(populations=person().actor.populations), limit=1)
    return lines[0].case.id if lines else None
