"""Queue actions: decide, assign and postpone what is selected; keep views; export; ask about a pair of one's own."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.decisions import Settled
from ttp.core.errors import InvalidField, NotFound, TTPError
from ttp.core.names import CaseId
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.review import Verdict
from ttp.http.center import the_center, write
from ttp.pages.case_forms import case_filter, read_due, read_reason, read_until
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.cases.arrange_cases import assign_cases, drop_view, save_view, set_due
from ttp.services.cases.decide_cases import Batch, Selected, decide_cases
from ttp.services.cases.export_cases import export_cases
from ttp.services.cases.pair_manually import ManualPair, pair_manually
from ttp.services.cases.undo_decision import undo_batch
from ttp.services.persons.find_identities import identities_of_records

ASSIGN, DUE = "assign", "due"


@page("/cases/together", right=Right.REVIEW, method="POST")
def decide_together() -> Response | str:
    """Do to all selected cases what the pressed button says."""
    form, center, actor = request.form, the_center(), person().actor
    chosen = [_selected(text) for text in form.getlist("case")]
    if form.get("act") == ASSIGN:
        assignee = form.get("assignee", "").strip() or None
        cases = [case_id for case_id, _ in chosen]
        write(lambda tx: assign_cases(center, tx, actor, cases=cases, assignee=assignee))
        return go(url_for(".cases"))
    if form.get("act") == DUE:
        cases, due = [case_id for case_id, _ in chosen], read_due(form)
        write(lambda tx: set_due(center, tx, actor, cases=cases, due_at=due))
        return go(url_for(".cases"))
    verdict = _verdict(form.get("act", ""))
    reason, until = read_reason(form, verdict), read_until(form)
    batch = write(
        lambda tx: decide_cases(
            center, tx, actor, cases=chosen, verdict=verdict, reason=reason, until=until
        )
    )
    return render_template("batch.html", batch=batch, refused=_refused(batch), verdict=verdict)


@page("/cases/batches/<uuid:batch>/undo", right=Right.REVIEW, method="POST")
def undo_together(batch: UUID) -> Response:
    """Undo a batch whole."""
    reason, center, actor = request.form.get("reason", ""), the_center(), person().actor
    write(lambda tx: undo_batch(center, tx, actor, batch=batch, reason=reason))
    return go(url_for(".cases"))


@page("/cases/views", right=Right.REVIEW, method="POST")
def keep_view() -> Response:
    """Keep the filter under a name, or forget it."""
    form, actor = request.form, person().actor
    name, query = form.get("name", ""), urlencode(parse_qsl(form.get("query", "")))
    if "drop" in form:
        write(lambda tx: drop_view(tx, actor, name=name))
        return go(url_for(".cases"))
    write(lambda tx: save_view(tx, actor, name=name, query=query))
    return go(f"{url_for('.cases')}?{query}")


@page("/cases/export", right=Right.REVIEW)
def export_queue() -> Response:
    """The filtered queue as CSV, without values of patients."""
    center, actor = the_center(), person().actor
    chosen = case_filter(request.args, me=actor, now=center.clock.now())
    body = write(lambda tx: export_cases(center, tx, actor, chosen=chosen))
    named = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response(body, mimetype="text/csv", headers=named)


@page("/cases/pairs", right=Right.REVIEW, method="POST")
def pair() -> Response:
    """Ask about two records that nobody asked about."""
    found = write(_pair)
    return go(url_for(".case", case_id=found.case_id, why=found.why))


def _pair(tx: Transaction) -> ManualPair:
    form, center, actor = request.form, the_center(), person().actor
    actor.require(Right.READ_PERSON)
    asked = [
        (form.get(f"source{one}", "").strip(), form.get(f"record{one}", "").strip())
        for one in (1, 2)
    ]
    known = identities_of_records(center, tx, population=LOCAL, records=asked)
    if set(asked) - known.keys():
        raise NotFound("One of the records is not known.")
    return pair_manually(center, tx, actor, first=known[asked[0]], second=known[asked[1]])


def _selected(text: str) -> Selected:
    case_id, _, version = text.partition(".")
    try:
        return CaseId(UUID(case_id)), int(version)
    except ValueError:
        raise InvalidField("The form names a case that cannot be read.") from None


def _verdict(text: str) -> Verdict:
    if text not in {Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER}:
        raise InvalidField("A decision is 'same', 'different' or 'later'.")
    return Verdict(text)


def _refused(batch: Batch) -> list[str]:
    """The codes of what was not decided; "" for what waits for a second person."""
    return [
        one.code if isinstance(one, TTPError) else ""
        for one in batch.outcomes
        if not (isinstance(one, Settled) and one.decision)
    ]
