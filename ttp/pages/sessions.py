"""Sessions: a random token in a cookie names the person; every form carries a token that other sites cannot know."""

from __future__ import annotations

from flask import Response, g, request

from keys.randomness import equal, random_token
from ttp.core.errors import NotAllowed, NotAuthenticated
from ttp.core.logins import SignedIn
from ttp.core.second_factors import SecondFactorMissing
from ttp.http.center import read, the_center, write
from ttp.services.access.open_session import note_use, signed_in

LANGUAGE_COOKIE = "ttp-language"
THEME_COOKIE = "ttp-theme"
KEYS_COOKIE = "ttp-keys"
PREFERENCE_SECONDS = 365 * 24 * 3600


class FormExpired(NotAllowed):
    """The form was opened in another session. Open the page again and repeat what you did."""

    code = "form-expired"


def session_cookie() -> str:
    """The name of the session cookie. Centers on one host keep apart by it, since cookies do not know ports."""
    return f"{_prefix()}ttp-{the_center().name}-session"


def visitor_cookie() -> str:
    """The name of the cookie that protects the forms of those who have not logged in."""
    return f"{_prefix()}ttp-{the_center().name}-visitor"


def recognize() -> None:
    """Find out whose request this is: ``g.signed_in`` is the person or None."""
    token = request.cookies.get(session_cookie(), "")
    g.signed_in = None
    if not token:
        return
    try:
        found = read(lambda tx: signed_in(the_center(), tx, token=token))
    except NotAuthenticated:
        return
    if found.is_due:
        write(lambda tx: note_use(the_center(), tx, found))
    g.signed_in, g.actor_name = found, found.actor.name


def person(*, enrolling: bool = False) -> SignedIn:
    """The person who asks. ``enrolling``: also one who has yet to set up the second factor they need.

    Raises:
        NotAuthenticated: nobody has logged in.
        SecondFactorMissing: before anything else the person has to set up a second factor.
    """
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        raise NotAuthenticated("Please log in.")
    if found.lacks_factor and not enrolling:
        raise SecondFactorMissing
    return found


def form_token() -> str:
    """The token that every form of this page carries."""
    found: SignedIn | None = g.get("signed_in")
    if found is not None:
        return found.csrf
    if "visitor" not in g:
        g.visitor = request.cookies.get(visitor_cookie()) or random_token()
    return str(g.visitor)


def check_form() -> None:
    """Pass if the form was made by this center for this session.

    Raises:
        FormExpired: its token is missing or another's.
    """
    given = request.form.get("token", "")
    if not equal(given.encode(errors="replace"), form_token().encode(errors="replace")):
        raise FormExpired


def keep(response: Response) -> Response:
    """Give visitors the cookie their form token is compared with."""
    if "visitor" in g and request.cookies.get(visitor_cookie()) != g.visitor:
        _set(response, visitor_cookie(), g.visitor, seconds=None)
    return response


def begin(response: Response, token: str) -> Response:
    """Hand out the session's token."""
    longest = the_center().sessions.absolute
    _set(response, session_cookie(), token, seconds=int(longest.total_seconds()))
    return response


def end(response: Response) -> Response:
    """Take the session's token back."""
    response.delete_cookie(
        session_cookie(), path="/", secure=_secure(), httponly=True, samesite="Lax"
    )
    return response


def remember(response: Response, cookie: str, value: str) -> Response:
    """Remember a preference of this browser for a year."""
    _set(response, cookie, value, seconds=PREFERENCE_SECONDS)
    return response


def address() -> str:
    """Where the request comes from; a proxy on this host says it, nobody else is believed."""
    remote = request.remote_addr or "unknown"
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and (remote.startswith("127.") or remote == "::1"):
        return forwarded.rsplit(",", 1)[-1].strip()
    return remote


def _set(response: Response, name: str, value: str, *, seconds: int | None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=_secure(), httponly=True, samesite="Lax"
    )


def _secure() -> bool:
    return the_center().public_url.startswith("https://")


def _prefix() -> str:
    return "__Host-" if _secure() else ""
