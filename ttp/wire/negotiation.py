"""Negotiation: which FHIR formats a request may come in and may ask for: JSON and XML (FHIR R4, section 3.1.0.1.8)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from ttp.core.errors import BadRequest

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"


class Format(StrEnum):
    """A format of FHIR; the value is its media type."""

    JSON = FHIR_JSON
    XML = FHIR_XML


_FORMATS = {
    **dict.fromkeys(
        (FHIR_JSON, "application/json", "text/json", "application/json+fhir", "json"), Format.JSON
    ),
    **dict.fromkeys(
        (FHIR_XML, "application/xml", "text/xml", "application/xml+fhir", "xml"), Format.XML
    ),
}
_ANY = frozenset({"*/*", "application/*"})
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii"})


class UnsupportedFormat(BadRequest):
    """The body is not FHIR in JSON or XML, in UTF-8 and uncompressed (application/fhir+json, application/fhir+xml)."""

    code = "unsupported-format"


class NotAcceptable(BadRequest):
    """Answers come in JSON or XML only (application/fhir+json, application/fhir+xml)."""

    code = "not-acceptable"


def body_format(content_type: str | None, *, encoding: str | None = None) -> Format:
    """The format of a body of this ``Content-Type`` and ``Content-Encoding``.

    Raises:
        UnsupportedFormat: another format, none, another character set than UTF-8, or compressed.
    """
    kind, parameters = _split(content_type or "")
    found = _FORMATS.get(kind)
    if found is None or parameters.get("charset", "") not in _UTF_8:
        raise UnsupportedFormat
    if (encoding or "identity").strip().lower() != "identity":
        raise UnsupportedFormat
    return found


def answer_format(
    accept: str | None, formats: Sequence[str] = (), *, otherwise: Format = Format.JSON
) -> Format:
    """The format the caller likes best. ``formats`` holds the ``_format`` parameters, which go before ``Accept``.

    Who takes anything gets ``otherwise``, by custom the format of the own request.

    Raises:
        NotAcceptable: neither JSON nor XML will do.
    """
    # In a query an unescaped plus sign arrives as a space.
    wanted = [one.replace(" ", "+") for one in formats] or (accept or "*/*").split(",")
    liked = sorted(map(_split, wanted), key=lambda one: -_quality(one[1]))
    for kind, parameters in liked:
        found = otherwise if kind in _ANY else _FORMATS.get(kind)
        if found is not None and _quality(parameters) > 0:
            return found
    raise NotAcceptable


def _split(media_type: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = media_type.split(";")
    pairs = (one.partition("=") for one in parameters)
    return kind.strip().lower(), {
        name.strip().lower(): value.strip(' "').lower() for name, _, value in pairs
    }


def _quality(parameters: dict[str, str]) -> float:
    """The weight of a media range; what is no number weighs as much as none given (RFC 9110, section 12.4.2)."""
    try:
        return min(1.0, max(0.0, float(parameters.get("q", "1"))))
    except ValueError:
        return 1.0
