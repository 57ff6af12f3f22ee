"""Decisions: everything that was decided, newest first; each can be undone, with those that rest on it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request

from ttp.core.access import Right
from ttp.core.desk import PAGE
from ttp.core.errors import InvalidField
from ttp.core.names import CaseId, DecisionId
from ttp.core.ports import Transaction
from ttp.core.review import UndoBlocked, Verdict
from ttp.http.center import read, the_center, write
from ttp.pages.case_forms import decision_filter, kept
from ttp.pages.case_shown import go_on
from ttp.pages.routing import page
from ttp.pages.sessions import person
from ttp.services.cases.undo_decision import undo_decision


@page("/decisions", right=Right.REVIEW)
def decisions() -> str:
    """The list, filtered by verdict, by whom, and whether they stand."""
    chosen = decision_filter(request.args, me=person().actor)
    before = request.args.get("before", type=UUID)
    older = DecisionId(before) if before else None
    lines = read(lambda tx: tx.desk.decisions(chosen, before=older))
    more = lines[-1].id if len(lines) == PAGE else None
    filters = kept(request.args, without="before")
    return render_template(
        "decisions.html", lines=lines, more=more, filters=filters, verdicts=list(Verdict)
    )


@page("/decisions/<uuid:decision_id>/undo", right=Right.REVIEW, method="POST")
def undo(decision_id: UUID) -> Response | tuple[str, int]:
    """Undo a decision and show its case again; what rests on it is named and asked for first."""
    form, chosen = request.form, DecisionId(decision_id)
    also = _named(form.getlist("also"))
    try:
        shown = write(lambda tx: _undo(tx, chosen, form.get("reason", ""), also))
    except UndoBlocked as blocked:
        return _blocked(chosen, form.get("reason", ""), blocked), 409
    return go_on(shown, {"undone": str(decision_id)})


def _undo(tx: Transaction, chosen: DecisionId, reason: str, also: list[DecisionId]) -> CaseId:
    """The case that asks the questions of the decision again; it may have been absorbed meanwhile."""
    undo_decision(the_center(), tx, person().actor, decision_id=chosen, reason=reason, also=also)
    decision = tx.review.decision(chosen)
    return tx.review.asked(decision.pairs).get(decision.pairs[0], decision.case_id)


def _named(texts: list[str]) -> list[DecisionId]:
    try:
        return [DecisionId(UUID(text)) for text in texts]
    except ValueError:
        raise InvalidField("The form names a decision that cannot be read.") from None


def _blocked(chosen: DecisionId, reason: str, blocked: UndoBlocked) -> str:
    named = [DecisionId(UUID(text)) for text in _texts(blocked.facts.get("decisions"))]
    resting = read(lambda tx: [tx.review.decision(one) for one in named])
    return render_template("undo_blocked.html", decision=chosen, reason=reason, resting=resting)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
