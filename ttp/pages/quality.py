"""The quality desk: blind checks to answer, what they came to, and the forms that draw and plant more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.errors import InvalidField, TTPError
from ttp.core.names import CaseId, PersonId
from ttp.core.ports import Transaction
from ttp.core.quality_desk import Check, CheckFilter, CheckKind, CheckState, known_seconds
from ttp.core.review import Verdict
from ttp.http.center import read, the_center, write
from ttp.pages.compared import comparison_rows
from ttp.pages.listed import Filters, listed
from ttp.pages.plots import flow_plot, whisker_plot
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.quality.answer_check import answer_check, next_check, show_check
from ttp.services.quality.draw_checks import draw_samples, plant_gold
from ttp.services.quality.show_quality import Agreement, QualityView, Reviewer, show_quality

PAGE = 25
_PEOPLE = Filters(())
KINDS = (CheckKind.SECOND, CheckKind.LINK, CheckKind.REJECTED)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check in the list, and where one can act on it: the case it comes from, or a person of its pair."""

    check: Check
    case: CaseId | None
    person: PersonId | None


@page("/quality", right=Right.REVIEW)
def quality() -> str:
    """Figures of the desk, those of other reviewers for stewards only."""
    center, actor = the_center(), person().actor
    view = read(lambda tx: show_quality(center, tx, actor))
    people = listed("people", [one for one in view.reviewers if _PEOPLE.fits("", one.name)])
    pairs = listed(
        "pairs", [one for one in view.agreements if _PEOPLE.fits("", one.first, one.second)]
    )
    return render_template(
        "quality.html",
        view=view,
        people=people,
        pairs=pairs,
        filters=_PEOPLE,
        flow=flow_plot(view.flow),
        plots=_whiskers(view, people.rows, pairs.rows),
    )


@page("/quality/next", right=Right.REVIEW)
def next_question() -> Response:
    """Go to a check this person may answer, or back to the desk if none waits."""
    center, actor = the_center(), person().actor
    found = read(lambda tx: next_check(center, tx, actor))
    said = "answered" if request.args.get("answered") else None
    if found is None:
        return go(url_for(".quality", done=1))
    return go(url_for(".blind_check", check_id=found.id, said=said))


@page("/quality/checks/<uuid:check_id>", right=Right.REVIEW)
def blind_check(check_id: UUID) -> str:
    """One check, masked, without score or earlier answers."""
    center, actor = the_center(), person().actor
    found = read(lambda tx: show_check(center, tx, actor, check_id=check_id))
    return render_template("check.html", question=found, rows=comparison_rows(found.comparison))


@page("/quality/checks/<uuid:check_id>", right=Right.REVIEW, method="POST")
def answer(check_id: UUID) -> Response:
    """Store the answer and go on to the next check."""
    center, actor, form = the_center(), person().actor, request.form
    verdict, seconds = _verdict(form.get("verdict", "")), known_seconds(form.get("seconds", ""))
    write(
        lambda tx: answer_check(
            center, tx, actor, check_id=check_id, verdict=verdict, seconds=seconds
        )
    )
    return go(url_for(".next_question", answered=1))


@page("/quality/checks", right=Right.ADMINISTER)
def checks() -> str:
    """Checks and what they came to, filtered; planted pairs are left out."""
    asked = request.args
    chosen = CheckFilter(
        state=CheckState(asked["state"]) if asked.get("state") in tuple(CheckState) else None,
        kind=CheckKind(asked["kind"]) if asked.get("kind") in KINDS else None,
        contradicted="contradicted" in asked,
    )
    lines = read(lambda tx: _lines(tx, chosen, asked.get("before", type=UUID)))
    more = lines[-1].check.id if len(lines) == PAGE else None
    filters = {name: value for name, value in asked.items() if value and name != "before"}
    return render_template(
        "checks.html", lines=lines, more=more, filters=filters, kinds=KINDS, states=list(CheckState)
    )


@page("/quality/gold", right=Right.ADMINISTER, method="POST")
def plant() -> Response:
    """Plant made-up pairs."""
    center, actor, count = the_center(), person().actor, _count()
    write(lambda tx: plant_gold(center, tx, actor, count=count))
    return go(url_for(".quality", planted=count))


@page("/quality/samples", right=Right.ADMINISTER, method="POST")
def draw() -> Response:
    """Draw a sample of links and of rejected pairs."""
    center, actor, count = the_center(), person().actor, _count()
    made = write(lambda tx: draw_samples(center, tx, actor, count=count))
    return go(url_for(".quality", drawn=made))


def _lines(tx: Transaction, chosen: CheckFilter, before: UUID | None) -> list[CheckLine]:
    found = tx.quality.page(chosen, before=before, limit=PAGE)
    firsts = [check.pair[0] for check in found if check.pair]
    persons = {row.id: row.person for row in tx.identities.versions(firsts).values()}
    return [
        CheckLine(check, _case(tx, check), persons.get(check.pair[0]) if check.pair else None)
        for check in found
    ]


def _case(tx: Transaction, check: Check) -> CaseId | None:
    if check.decision is None:
        return None
    try:
        return tx.review.decision(check.decision).case_id
    except TTPError:
        return None  # erased with its patients


def _whiskers(
    view: QualityView, people: Sequence[Reviewer], agreements: Sequence[Agreement]
) -> dict[str, object]:
    """Intervals of gold and of agreement on one scale, and those of the estimate on another."""
    gold = [one.gold for one in people]
    pairs = [one.kappa for one in agreements]
    lowest = min([1.0, *(k.low for k in gold + pairs if k.low is not None)])
    made: dict[str, object] = {
        name: whisker_plot(
            [(k.value, k.low, k.high) for k in group if k.low is not None],  # type: ignore[misc] # low and high are None together
            lowest=lowest,
        )
        for name, group in (("gold", gold), ("pairs", pairs))
    }
    if view.estimate is not None:
        parts = (view.estimate.precision, view.estimate.recall)
        made["estimate"] = whisker_plot([(one.value, one.low, one.high) for one in parts])
    return made


def _count() -> int:
    text = request.form.get("count", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise InvalidField("How many are drawn is a number.")
    return int(text)


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise InvalidField("An answer is 'same', 'different' or 'later'.") from None
