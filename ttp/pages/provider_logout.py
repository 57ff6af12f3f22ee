"""Logout at the provider: who leaves here is shown the way to leave there too, and is not sent there unasked.

A redirect would be refused by the pages' own policy (forms lead nowhere else), and would end a person's work in
every other program of the house.
"""

from __future__ import annotations

from flask import Response, g, make_response, render_template, url_for

from ttp.http.center import read, the_center, the_providers
from ttp.services.access.log_out_with_provider import provider_of_session


def offer_logout(token: str) -> Response | None:
    """The page that leads on to the provider's own logout; None if no provider opened this session or has none."""
    if not the_providers():
        return None
    provider = read(lambda tx: provider_of_session(tx, the_providers(), token=token))
    back = the_center().public_url + url_for(".login")
    url = provider.logout_url(back=back) if provider else None
    if provider is None or url is None:
        return None
    g.signed_in = None  # the page is a visitor's
    return make_response(
        render_template("logged_out.html", provider=provider.issuer.title, url=url)
    )
