"""Login and logout."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, make_response, render_template, request, url_for

from ttp.core.logins import LoginRefusal, SignedIn
from ttp.http.center import the_center, write
from ttp.pages.provider_logout import offer_logout
from ttp.pages.routing import go, page
from ttp.pages.sessions import (
    address,
    begin,
    end,
    person,
    session_cookie,
)
from ttp.services.access.log_in import log_in
from ttp.services.access.open_session import log_out


@page("/login", public=True)
def login() -> str:
    """The form."""
    return render_template("login.html", refusal=None, next=local(request.args.get("next")))


@page("/login", public=True, method="POST")
def open_session() -> Response:
    """Check password and code and go where the person wanted to; an earlier session of this browser ends."""
    form, target = request.form, local(request.form.get("next"))
    name, password = form.get("name", "").strip(), form.get("password", "")
    code = form.get("code", "").strip()
    result = log_in(the_center(), name=name, password=password, address=address(), code=code)
    if isinstance(result, LoginRefusal):
        status = 429 if result is LoginRefusal.TOO_MANY else 401
        return make_response(render_template("login.html", refusal=result, next=target), status)
    former: SignedIn | None = g.get("signed_in")
    if former is not None:
        old = request.cookies.get(session_cookie(), "")
        write(lambda tx: log_out(the_center(), tx, former, token=old))
    return begin(go(target), result.token)


@page("/logout", method="POST", enrolling=True)
def logout() -> Response:
    """End the session here and in the database."""
    token, who = request.cookies.get(session_cookie(), ""), person(enrolling=True)
    write(lambda tx: log_out(the_center(), tx, who, token=token))
    return end(offer_logout(token) or go(url_for(".login")))


def local(target: str | None) -> str:
    """The target if it is a path of this center, else the dashboard: no form leads to another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.netloc or parts.scheme or not target.isprintable() else target
