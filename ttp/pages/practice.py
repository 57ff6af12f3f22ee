"""Practice: ten made-up cases with feedback. Nothing is stored anywhere: the answers so far travel with the page."""

from __future__ import annotations

import re

from flask import Response, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ttp.core.access import Right
from ttp.core.errors import InvalidField
from ttp.core.review import Verdict
from ttp.core.vignettes import practice
from ttp.http.center import the_center
from ttp.pages.compared import comparison_rows, weight_rows
from ttp.pages.routing import go, page
from ttp.services.cases.compare_pair import compare_vignette

_MARKS = re.compile("[01]{0,10}")
ANSWERS = (Verdict.SAME, Verdict.DIFFERENT)


@page("/practice", right=Right.REVIEW)
def practise() -> str:
    """What practice is, and the beginning."""
    return render_template("practice.html", total=len(practice()))


@page("/practice/<int:number>", right=Right.REVIEW)
def practice_case(number: int) -> str | Response:
    """One made-up case; after the last one the result."""
    marks = _marks(request.args.get("marks", ""))
    if number == len(practice()) + 1:
        return render_template("practice_done.html", marks=marks, pairs=practice())
    return _shown(number, marks, None)


@page("/practice/<int:number>", right=Right.REVIEW, method="POST")
def practice_answer(number: int) -> str | Response:
    """Whether the answer was right, why, and what the weights said."""
    marks, given = _marks(request.form.get("marks", "")), request.form.get("verdict", "")
    if given not in ANSWERS:
        raise InvalidField("An answer in practice is 'same' or 'different'.")
    if len(marks) >= len(practice()):
        return go(url_for(".practise"))
    return _shown(number, marks, Verdict(given))


def _shown(number: int, marks: str, given: Verdict | None) -> str:
    pairs = practice()
    if not 1 <= number <= len(pairs):
        raise NotFound
    pair = pairs[number - 1]
    found = compare_vignette(the_center(), pair)
    weights, chart = weight_rows(found)
    if given is not None:
        marks += "1" if given is pair.truth else "0"
    return render_template(
        "practice_case.html",
        number=number,
        total=len(pairs),
        pair=pair,
        rows=comparison_rows(found),
        comparison=found,
        weights=weights,
        chart=chart,
        given=given,
        marks=marks,
    )


def _marks(text: str) -> str:
    return text if _MARKS.fullmatch(text) else ""
