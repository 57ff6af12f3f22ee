"""The account: one's own password, second factor and sessions; nobody sees another's."""

from __future__ import annotations

import io
from datetime import date

import segno
from flask import Response, make_response, render_template, request, url_for

from ttp.core.errors import InvalidField
from ttp.core.logins import LoginRefusal
from ttp.core.second_factors import WrongCode
from ttp.core.sessions import Session
from ttp.http.center import read, the_center, write
from ttp.pages.listed import listed
from ttp.pages.routing import go, page
from ttp.pages.sessions import address, begin, person
from ttp.services.access.log_in import change_own_password
from ttp.services.access.open_session import end_other_sessions, list_sessions
from ttp.services.access.set_second_factor import (
    Enrolment,
    begin_second_factor,
    confirm_second_factor,
    show_enrolment,
)

_REFUSALS = {
    LoginRefusal.WRONG: "account.refusal.wrong",
    LoginRefusal.TOO_MANY: "account.refusal.too-many",
}


@page("/account", enrolling=True)
def account() -> str:
    """Password, second factor and sessions of the person."""
    return _shown()


@page("/account/password", method="POST", enrolling=True)
def change_password() -> Response:
    """Exchange the password; every session ends, and this browser gets a new one."""
    form, found = request.form, person(enrolling=True)
    if form.get("new", "") != form.get("again", ""):
        raise InvalidField("The new password was not repeated as it was.")
    result = change_own_password(
        the_center(),
        found,
        old=form.get("old", ""),
        new=form.get("new", ""),
        address=address(),
    )
    if isinstance(result, LoginRefusal):
        status = 429 if result is LoginRefusal.TOO_MANY else 422
        return make_response(_shown(refusal=_REFUSALS[result]), status)
    return begin(go(url_for(".account")), result.token)


@page("/account/second-factor", method="POST", enrolling=True)
def begin_factor() -> str:
    """Draw a secret and show it as a QR code."""
    found = person(enrolling=True)
    return _enrolling(write(lambda tx: begin_second_factor(the_center(), tx, found)))


@page("/account/second-factor/confirm", method="POST", enrolling=True)
def confirm_factor() -> str | Response:
    """Check the device's first code; the recovery codes are shown this once."""
    center, found, code = the_center(), person(enrolling=True), request.form.get("code", "")
    try:
        codes = write(lambda tx: confirm_second_factor(center, tx, found, code=code))
    except WrongCode:
        waiting = read(lambda tx: show_enrolment(center, tx, found))
        return make_response(_enrolling(waiting, wrong=True), 422)
    return render_template("recovery_codes.html", codes=codes)


@page("/account/sessions/end-others", method="POST", enrolling=True)
def end_others() -> Response:
    """End all of the person's sessions but this one."""
    found = person(enrolling=True)
    write(lambda tx: end_other_sessions(the_center(), tx, found))
    return go(url_for(".account"))


def _shown(*, refusal: str | None = None) -> str:
    center, found = the_center(), person(enrolling=True)
    sessions, factor, left = read(
        lambda tx: (
            list_sessions(center, tx, found),
            tx.second_factors.of(found.staff.id),
            tx.second_factors.codes_left(found.staff.id),
        )
    )
    return render_template(
        "account.html",
        sessions=listed("sessions", [one for one in sessions if _used(one)]),
        alone=len(sessions) == 1,
        since=factor.confirmed_at if factor else None,
        codes_left=left,
        refusal=refusal,
        limits=center.sessions,
    )


def _used(session: Session) -> bool:
    """Whether a login was used on the day that is asked for, or later."""
    since = request.args.get("since", type=date.fromisoformat)
    return since is None or session.seen_at.astimezone().date() >= since


def _enrolling(enrolment: Enrolment, *, wrong: bool = False) -> str:
    return render_template(
        "enrolment.html", drawing=_drawn(enrolment.uri), secret=enrolment.secret, wrong=wrong
    )


def _drawn(uri: str) -> str:
    """The QR code as an inline SVG, which needs no request and no exception from the content policy."""
    drawing = io.BytesIO()
    segno.make(uri, error="m").save(
        drawing, kind="svg", scale=5, xmldecl=False, svgns=False, omitsize=False, light="white"
    )
    return drawing.getvalue().decode("utf-8")
