"""Case actions: work on a case, exclude a member, uncover a field, and see what a decision would change."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.decisions import Wish
from ttp.core.errors import InvalidField
from ttp.core.glimpse import glimpse
from ttp.core.names import CaseId, IdentityId
from ttp.core.persons import Pair, pair_of
from ttp.core.review import Verdict
from ttp.http.center import the_center, write
from ttp.pages.case_forms import read_due, read_pair, read_reason, read_version
from ttp.pages.cases import after_decision
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.pages.split_person import GLIMPSED, foreseen
from ttp.services.cases.arrange_cases import set_due, work_on
from ttp.services.cases.uncover_field import uncover_field


@page("/cases/<uuid:case_id>/lease", right=Right.REVIEW, method="POST")
def lease(case_id: UUID) -> Response:
    """Say that one works on the case; scripts renew it, a button takes it over."""
    take_over, center, actor = "take_over" in request.form, the_center(), person().actor
    write(lambda tx: work_on(center, tx, actor, case_id=CaseId(case_id), take_over=take_over))
    return go(url_for(".case", case_id=case_id)) if take_over else make_response("", 204)


@page("/cases/<uuid:case_id>/exclude", right=Right.REVIEW, method="POST")
def exclude(case_id: UUID) -> Response | tuple[str, int]:
    """Exclude one member of the group; the rest is one person."""
    form = request.form
    member = form.get("member", type=UUID)
    if member is None:
        raise InvalidField("The form does not say who is excluded.")
    wish = Wish(
        Verdict.EXCLUDED,
        read_reason(form, Verdict.EXCLUDED),
        CaseId(case_id),
        read_version(form),
        member=IdentityId(member),
        confirm=frozenset(form.getlist("confirm")),
    )
    return after_decision(wish)


@page("/cases/<uuid:case_id>/uncover", right=Right.READ_PERSON, method="POST")
def uncover(case_id: UUID) -> Response:
    """Go one step further with a field of a pair."""
    pair, field = _pair(request.form.get("pair", "")), request.form.get("field", "")
    center, actor, chosen = the_center(), person().actor, CaseId(case_id)
    write(lambda tx: uncover_field(center, tx, actor, case_id=chosen, pair=pair, field=field))
    return go(url_for(".case", case_id=case_id))


@page("/cases/<uuid:case_id>/due", right=Right.REVIEW, method="POST")
def due(case_id: UUID) -> Response:
    """Say by which day the case should be decided; no day: by none."""
    center, actor, by = the_center(), person().actor, read_due(request.form)
    write(lambda tx: set_due(center, tx, actor, cases=[CaseId(case_id)], due_at=by))
    return go(url_for(".case", case_id=case_id))


@page("/cases/<uuid:case_id>/impact", right=Right.REVIEW)
def impact(case_id: UUID) -> str:
    """What it would change to decide that all who are asked about are one person."""
    wish = Wish(Verdict.SAME, "", CaseId(case_id))
    found = write(lambda tx: foreseen(tx, wish))
    return render_template(
        "impact.html", case_id=case_id, found=found, glimpse=glimpse, glimpsed=GLIMPSED
    )


def _pair(text: str) -> Pair:
    return pair_of(*read_pair(text))
