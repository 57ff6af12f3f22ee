"""Re-identification: the form to ask for it, what it tells once another person agreed, and the emergency."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, render_template, request, url_for

from ttp.core.access import Right
from ttp.core.reidentification import MOST_IN_AN_EMERGENCY, MOST_PSEUDONYMS, Answer, Revealed
from ttp.http.center import read, the_center, write
from ttp.pages.routing import go, page
from ttp.pages.sessions import person
from ttp.services.access.break_glass import break_glass
from ttp.services.pseudonyms.reidentify import (
    Told,
    carry_out_reidentification,
    cover,
    request_reidentification,
)


@page("/re-identification", right=Right.REIDENTIFY)
def reidentification() -> str:
    """The form of a request."""
    domains = read(lambda tx: tx.domains.all())
    return render_template("reidentification.html", domains=domains, most=MOST_PSEUDONYMS)


@page("/re-identification", right=Right.REIDENTIFY, method="POST")
def ask_reidentification() -> Response:
    """Store the request; another person decides it."""
    form, actor = request.form, person().actor
    asked = write(
        lambda tx: request_reidentification(
            the_center(),
            tx,
            actor,
            domain=form.get("domain", ""),
            pseudonyms=form.get("pseudonyms", "").split(),
            purpose=form.get("purpose", ""),
            reason=form.get("reason", ""),
        )
    )
    return go(url_for(".approval", approval_id=asked.id))


@page("/approvals/<uuid:approval_id>/carry-out", right=Right.REIDENTIFY, method="POST")
def carry_out(approval_id: UUID) -> Response:
    """Show what was approved, once."""
    actor = person().actor
    return _shown(
        write(
            lambda tx: carry_out_reidentification(the_center(), tx, actor, approval_id=approval_id)
        )
    )


@page("/break-glass", right=Right.BREAK_GLASS)
def emergency() -> str:
    """The form for an emergency, with its warning."""
    domains = read(lambda tx: tx.domains.all())
    return render_template("break_glass.html", domains=domains, most=MOST_IN_AN_EMERGENCY)


@page("/break-glass", right=Right.BREAK_GLASS, method="POST")
def use_emergency() -> Response:
    """Show it at once, and open the review."""
    form, actor = request.form, person().actor
    return _shown(
        write(
            lambda tx: break_glass(
                the_center(),
                tx,
                actor,
                domain=form.get("domain", ""),
                pseudonyms=form.get("pseudonyms", "").split(),
                reason=form.get("reason", ""),
            )
        )
    )


def _shown(told: Told) -> Response:
    """The page, once a checkpoint covers the leaf; no browser and no proxy keeps it."""
    cover(the_center(), told.leaf)
    rows = [_row(one) for one in told.answers]
    response = make_response(render_template("revealed.html", rows=rows, approval=told.approval))
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(one: Answer) -> dict[str, object]:
    if not isinstance(one, Revealed):
        return {"error": one.code}
    return {
        "pseudonym": one.pseudonym,
        "originals": one.originals,
        "identities": [
            {name: value for name, value in data.items() if value} for data in one.identities
        ],
    }
