"""Preferences: language, theme, density and keys. The account keeps them, of visitors the browser."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, g, render_template, request

from ttp.core.accounts import DENSITIES, THEMES, Sight
from ttp.core.logins import SignedIn
from ttp.http.center import write
from ttp.pages.languages import LANGUAGES, speak, spoken
from ttp.pages.login import local
from ttp.pages.routing import go, page
from ttp.pages.sessions import KEYS_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE, person, remember
from ttp.services.access.set_sight import set_sight

_REMEMBERED = {
    "language": (LANGUAGE_COOKIE, LANGUAGES),
    "theme": (THEME_COOKIE, THEMES),
    "keys": (KEYS_COOKIE, ("on", "off")),
}


@page("/settings", enrolling=True)
def preferences() -> str:
    """How this person sees the pages."""
    found = person(enrolling=True)
    return render_template(
        "preferences.html",
        sight=found.staff.sight,
        themes=THEMES,
        densities=DENSITIES,
        languages=LANGUAGES,
    )


@page("/settings", public=True, method="POST")
def settings() -> Response:
    """Keep what was chosen and show the same page again; what is not in the form stays as it is."""
    response = go(local(request.form.get("next")))
    for name, (cookie, allowed) in _REMEMBERED.items():
        value = request.form.get(name)
        if value in allowed:
            remember(response, cookie, value)
    found: SignedIn | None = g.get("signed_in")
    if found is not None:
        chosen = _chosen(found.staff.sight)
        language = _one_of("language", LANGUAGES) or spoken()
        write(lambda tx: set_sight(tx, found, language=language, sight=chosen))
    speak(_one_of("language", LANGUAGES) or spoken())
    return response


def _chosen(former: Sight) -> Sight:
    keys = _one_of("keys", ("on", "off"))
    return replace(
        former,
        theme=_one_of("theme", THEMES) or former.theme,
        density=_one_of("density", DENSITIES) or former.density,
        letter_keys=keys == "on" if keys else former.letter_keys,
    )


def _one_of(name: str, allowed: tuple[str, ...]) -> str | None:
    value = request.form.get(name)
    return value if value in allowed else None
