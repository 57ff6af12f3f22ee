"""Negotiation: which FHIR formats a request may come in and may ask for. JSON is read and written, XML is not."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.errors import BadRequest

FHIR_JSON = "application/fhir+json"

_JSON = frozenset({FHIR_JSON, "application/json", "text/json", "application/json+fhir", "json"})
_ANY = frozenset({"*/*", "application/*"})


class UnsupportedFormat(BadRequest):
    """The body is not FHIR in JSON (application/fhir+json)."""

    code = "unsupported-format"


class NotAcceptable(BadRequest):
    """Answers come in JSON only (application/fhir+json)."""

    code = "not-acceptable"


def check_content_type(content_type: str | None) -> None:
    """Pass if a body of this type can be read.

    Raises:
        UnsupportedFormat: otherwise, also when no type is given.
    """
    if _bare(content_type or "") not in _JSON:
        raise UnsupportedFormat


def check_accept(accept: str | None, formats: Sequence[str] = ()) -> None:
    """Pass if the caller takes JSON. ``formats`` holds the ``_format`` parameters, which go before ``Accept``.

    Raises:
        NotAcceptable: otherwise.
    """
    wanted = list(formats) or (accept or "*/*").split(",")
    # In a query an unescaped plus sign arrives as a space.
    if not any(_bare(kind).replace(" ", "+") in _JSON | _ANY for kind in wanted):
        raise NotAcceptable


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
