"""Layout: what surrounds every page — who is logged in, what they may open, in which language, under which banner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for

from keys.errors import KeysError
from linkage.errors import LinkageError
from ttp.core.access import Right
from ttp.core.accounts import THEMES, Sight
from ttp.core.errors import NotAuthenticated, TTPError
from ttp.core.logins import SignedIn
from ttp.core.second_factors import SecondFactorMissing
from ttp.http.center import read, the_center
from ttp.http.problems import status_of
from ttp.pages import languages
from ttp.pages.assets_served import built
from ttp.pages.blueprint import pages
from ttp.pages.manual import KEYS
from ttp.pages.sessions import (
    KEYS_COOKIE,
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    form_token,
    keep,
    recognize,
)
from ttp.services.access.break_glass import overdue_reviews


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation, shown to those who have the right."""

    endpoint: str
    right: Right | None = None

    @property
    def label(self) -> str:
        """The key of its text."""
        return f"nav.{self.endpoint}"


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "review",
        (
            Entry("dashboard"),
            Entry("cases", Right.REVIEW),
            Entry("decisions", Right.REVIEW),
            Entry("persons", Right.READ_PERSON),
            Entry("quality", Right.REVIEW),
            Entry("practise", Right.REVIEW),
            Entry("matching", Right.REVIEW),
        ),
    ),
    (
        "research",
        (
            Entry("projects", Right.READ_PROJECT),
            Entry("releases", Right.READ_RELEASE),
            Entry("jobs", Right.READ_PROJECT),
        ),
    ),
    (
        "operation",
        (
            Entry("pseudonyms", Right.LOOKUP),
            Entry("domains", Right.ADMINISTER),
            Entry("clients", Right.ADMINISTER),
            Entry("staff", Right.ADMINISTER),
            Entry("webhooks", Right.ADMINISTER),
            Entry("peers", Right.ADMINISTER),
            Entry("approvals"),
            Entry("reidentification", Right.REIDENTIFY),
            Entry("keyring", Right.READ_AUDIT),
            Entry("audit", Right.READ_AUDIT),
        ),
    ),
    ("reference", (Entry("docs"), Entry("manual"))),
)


@pages.before_request
def prepare() -> Response | None:
    """Find out who asks and in which language; without built assets there is only one page."""
    recognize()
    found: SignedIn | None = g.signed_in
    chosen = request.cookies.get(LANGUAGE_COOKIE) or the_center().language
    languages.speak(found.staff.language if found else chosen)
    if not built() and request.endpoint != "pages.static_file":
        return make_response(render_template("assets_missing.html"), 503)
    return None


pages.after_request(keep)


@pages.context_processor
def surroundings() -> dict[str, Any]:
    """What every template can use."""
    center, sight = the_center(), _sight(g.get("signed_in"))
    return {
        "t": languages.t,
        "language": languages.spoken(),
        "center": center,
        "signed_in": g.get("signed_in"),
        "navigation": _allowed(g.get("signed_in")),
        "form_token": form_token,
        "sight": sight,
        "letter_keys": sight.letter_keys,
        "here": request.full_path.rstrip("?") if request.method == "GET" else url_for(".dashboard"),
        "may": _may,
        "overdue_reviews": _overdue_reviews,
        "known": languages.known,
        "review_keys": KEYS,
    }


for _name in ("number", "signed", "when", "day", "share"):
    pages.add_app_template_filter(getattr(languages, _name), _name)


@pages.errorhandler(TTPError)
@pages.errorhandler(LinkageError)
def explain(error: Exception) -> Any:
    """The page of a named error; who has not logged in is asked to."""
    if isinstance(error, NotAuthenticated):
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for(".login", next=target), 303)
    if isinstance(error, SecondFactorMissing):
        return redirect(url_for(".account"), 303)
    status = status_of(error)
    return _error_page(status, getattr(error, "code", "error"), getattr(error, "detail", ""))


@pages.errorhandler(404)
@pages.errorhandler(405)
@pages.errorhandler(413)
def refuse(error: Any) -> Any:
    """The page of an error of the web layer."""
    return _error_page(error.code, "not-found" if error.code == 404 else "bad-request", "")


@pages.errorhandler(KeysError)
def fail(error: Exception) -> Any:  # noqa: ARG001 - its text may hold what nobody should read
    """The page of a failure of the keys, without its text."""
    return _error_page(503, "unavailable", "")


def _error_page(status: int, code: str, detail: str) -> tuple[str, int]:
    """The sentence of the catalog where there is one, else the error's own, which is in English."""
    key = f"errors.{code}"
    sentence = languages.t(key) if languages.known(key) else detail
    return render_template("error.html", status=status, code=code, sentence=sentence), status


def _allowed(found: SignedIn | None) -> list[tuple[str, list[Entry]]]:
    groups = [(name, [entry for entry in group if _may(entry.right)]) for name, group in NAVIGATION]
    if found is None or found.lacks_factor:
        return []
    return [(name, entries) for name, entries in groups if entries]


def _may(right: Right | str | None) -> bool:
    found: SignedIn | None = g.get("signed_in")
    if found is None:
        return False
    return right is None or found.actor.may(Right(right))


def _overdue_reviews() -> int:
    """How many emergency accesses wait too long for those who may review them."""
    if not _may(Right.APPROVE):
        return 0
    center = the_center()
    return read(lambda tx: len(overdue_reviews(center, tx)))


def _sight(found: SignedIn | None) -> Sight:
    """What the account keeps; of visitors what their browser does."""
    if found is not None:
        return found.staff.sight
    theme = request.cookies.get(THEME_COOKIE, "")
    keys = request.cookies.get(KEYS_COOKIE) != "off"
    return Sight(theme=theme if theme in THEMES else "system", letter_keys=keys)
