"""Identifiers in URLs: refused, for proxies and browsers log URLs; a center may allow them to old clients."""

from __future__ import annotations

from ttp.core.errors import BadRequest
from ttp.http.center import the_center


class IdentifierInUrl(BadRequest):
    """Originals and pseudonyms belong into the body of a POST; the setting identifiers_in_urls can allow URLs."""

    code = "identifier-in-url"


def require_identifiers_allowed() -> None:
    """Pass if this center lets old clients put originals and pseudonyms into URLs.

    Raises:
        IdentifierInUrl: otherwise.
    """
    if not the_center().identifiers_in_urls:
        raise IdentifierInUrl
