"""A case shown: what surrounds it is read with it in one transaction; scripts get it in the answer to what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ttp.core.case_work import Lease
from ttp.core.desk import CaseFilter
from ttp.core.names import CaseId, DecisionId
from ttp.core.ports import Transaction
from ttp.core.review import Decision, ReviewCase
from ttp.http.center import read, the_center
from ttp.pages.case_view import members, questions
from ttp.pages.routing import go
from ttp.pages.sessions import person
from ttp.services.cases.show_case import CaseView, show_case
from ttp.services.cases.uncover_field import Budget, budget_of

AT_ONCE = "return=representation"  # RFC 7240, section 4.2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands: its neighbors, how many are open, and what was decided just before."""

    behind: CaseId | None
    before: CaseId | None
    open: int
    last: Decision | None
    holder: Lease | None
    budget: Budget


@dataclass(frozen=True, slots=True)
class Shown:
    """A case, and where it stands."""

    view: CaseView
    place: Place


def masked(tx: Transaction, case_id: CaseId, news: Mapping[str, str]) -> Shown:
    """The case with masked values. ``news``: what was just done, as addresses say it."""
    return placed(tx, show_case(the_center(), tx, person().actor, case_id=case_id), news)


def placed(tx: Transaction, view: CaseView, news: Mapping[str, str]) -> Shown:
    """A view with the place of its case."""
    shown, seen = view.case, person().actor.populations
    place = Place(
        tx.desk.beside(shown, forward=True, populations=seen),
        tx.desk.beside(shown, forward=False, populations=seen),
        tx.desk.count(CaseFilter(populations=seen)),
        just_decided(tx, news),
        _other_holder(tx, shown),
        budget_of(the_center(), tx, person().actor),
    )
    return Shown(view, place)


def drawn(shown: Shown, news: Mapping[str, str]) -> str:
    """The page of a case."""
    group = members(shown.view)
    return render_template(
        "case.html",
        view=shown.view,
        questions=questions(shown.view),
        members=group,
        letters={one.side.identity: one.letter for one in group},
        place=shown.place,
        news=news,
        reasons=the_center().desk.reasons,
    )


def go_on(case_id: CaseId, news: Mapping[str, str]) -> Response:
    """Send the browser to a case; scripts get it in the answer itself, its address as Content-Location."""
    target = f"{url_for('.case', case_id=case_id)}?{urlencode(news)}"
    if request.headers.get("Prefer") != AT_ONCE:
        return go(target)
    answer = make_response(drawn(read(lambda tx: masked(tx, case_id, news)), news))
    answer.headers["Content-Location"] = target
    return answer


def just_decided(tx: Transaction, news: Mapping[str, str]) -> Decision | None:
    """The decision just made, which pages report and offer to undo."""
    try:
        found = tx.review.decision(DecisionId(UUID(news["decided"])))
    except (KeyError, ValueError):
        return None
    seen = person().actor.populations
    return found if seen is None or found.population in seen else None


def _other_holder(tx: Transaction, shown: ReviewCase) -> Lease | None:
    """Who else works on the case now."""
    found, actor = tx.case_work.lease(shown.id), person().actor
    keeps_out = found is not None and found.keeps_out(
        f"{actor.kind}:{actor.name}", at=the_center().clock.now()
    )
    return found if keeps_out else None
