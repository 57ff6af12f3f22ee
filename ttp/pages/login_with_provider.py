"""Login with an identity provider: off to it, and back with its answer; every provider has a way back of its own."""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, render_template, request, url_for

from ttp.core.errors import NotFound
from ttp.core.logins import SignedIn
from ttp.core.providers import (
    ATTEMPT_LIFETIME,
    Provider,
    ProviderAnswer,
    ProviderRefusal,
    ProviderUnreachable,
)
from ttp.http.center import the_center, the_providers, write
from ttp.pages.blueprint import pages
from ttp.pages.login import local
from ttp.pages.routing import go, page
from ttp.pages.sessions import address, begin, session_cookie
from ttp.services.access.log_in_with_provider import begin_login, finish_login
from ttp.services.access.log_out_with_provider import end_sessions
from ttp.services.access.open_session import log_out

_STATUS = {ProviderRefusal.UNREACHABLE: 503, ProviderRefusal.TOO_MANY: 429}


@pages.context_processor
def choices() -> dict[str, Any]:
    """What the login page offers, and why a login with a provider came to nothing."""
    issuers = [provider.issuer for provider in the_providers().values()]
    return {"issuers": issuers, "provider_refusal": g.get("provider_refusal")}


@page("/login/with/<issuer>", public=True)
def begin_at_provider(issuer: str) -> Response:
    """Send the browser to the provider; it keeps, sealed, what the answer is checked against."""
    provider, target = _provider(issuer), local(request.args.get("next"))
    try:
        begun = begin_login(the_center(), provider, target=target, redirect=_back(issuer))
    except ProviderUnreachable:
        return _refused(ProviderRefusal.UNREACHABLE)
    return _kept(go(begun.url), begun.sealed)


@page("/login/with/<issuer>/back", public=True)
def return_from_provider(issuer: str) -> Response:
    """Check the answer and open a session; an earlier session of this browser ends."""
    answer = request.args
    result = finish_login(
        the_center(),
        _provider(issuer),
        sealed=request.cookies.get(_cookie(), ""),
        answer=ProviderAnswer(
            answer.get("state", ""),
            answer.get("code", ""),
            answer.get("iss"),
            answer.get("error", ""),
        ),
        redirect=_back(issuer),
        address=address(),
    )
    if isinstance(result, ProviderRefusal):
        return _forgotten(_refused(result))
    former: SignedIn | None = g.get("signed_in")
    if former is not None:
        old = request.cookies.get(session_cookie(), "")
        write(lambda tx: log_out(the_center(), tx, former, token=old))
    return _forgotten(begin(go(result.target), result.opened.token))


@page("/login/back-channel", public=True, foreign=True, method="POST")
def end_from_provider() -> Response:
    """End the sessions that a provider's logout token names; the token is the proof."""
    end_sessions(the_center(), the_providers(), token=request.form.get("logout_token", ""))
    return Response(status=200)


def _provider(name: str) -> Provider:
    try:
        return the_providers()[name]
    except KeyError:
        raise NotFound("No identity provider of this name.") from None


def _back(name: str) -> str:
    return the_center().public_url + url_for(".return_from_provider", issuer=name)


def _refused(reason: ProviderRefusal) -> Response:
    g.provider_refusal = reason
    page_shown = render_template("login.html", refusal=None, next="/")
    return make_response(page_shown, _STATUS.get(reason, 401))


def _kept(response: Response, sealed: str) -> Response:
    """Keep the attempt in this browser alone; ``Lax`` lets it come along when the provider sends the browser back."""
    seconds = int(ATTEMPT_LIFETIME.total_seconds())
    response.set_cookie(
        _cookie(),
        sealed,
        max_age=seconds,
        path="/",
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _forgotten(response: Response) -> Response:
    response.delete_cookie(_cookie(), path="/", secure=_secure(), httponly=True, samesite="Lax")
    return response


def _cookie() -> str:
    return session_cookie().removesuffix("session") + "attempt"


def _secure() -> bool:
    return the_center().public_url.startswith("https://")
