"""Consent: FHIR R4 Consents become statements; what is not in force permits nothing, and nothing else is read.

The codes of nested provisions are the policies (MII core data set, module Consent: OIDs of the Broad Consent).
A provision without a period has that of the provision around it. A day counts from its first to its last moment
in UTC. Signatures, sources and references to documents are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ttp.core.consent import Provision
from ttp.core.errors import BadRequest
from ttp.core.times import TimeUnreadable, first_moment, last_moment

FIRST = datetime(1900, 1, 1, tzinfo=UTC)
"""When a permission without a beginning begins."""
_IN_FORCE = "active"
_NO_LONGER = ("inactive", "rejected", "entered-in-error")
_DEEPEST = 8


class ConsentMalformed(BadRequest):
    """The Consent has not the form it needs: status, patient, provisions with codes and periods."""

    code = "consent-malformed"


@dataclass(frozen=True, slots=True)
class StatedProvision:
    """One policy of a Consent, not yet tied to an identity."""

    policy: str
    provision: Provision
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class StatedConsent:
    """A Consent: whose it is (a reference such as ``Patient/17``, or system and value), and what it says."""

    reference: str | None
    identifier: tuple[str, str] | None
    stated_at: datetime | None
    provisions: tuple[StatedProvision, ...]


def read_consent(document: Mapping[str, Any]) -> StatedConsent:
    """What a Consent states. One that is no longer in force denies what it permitted.

    Raises:
        ConsentMalformed: it is a draft, names no patient, holds no policy, or a value cannot be read.
    """
    if document.get("resourceType") != "Consent":
        raise ConsentMalformed("The resource is not a Consent.")
    status = document.get("status")
    if status != _IN_FORCE and status not in _NO_LONGER:
        raise ConsentMalformed(
            "The status of a Consent to be recorded says that it is or was in force."
        )
    provisions = tuple(_provisions(_object(document.get("provision"), "provision"), None, 0))
    if not provisions:
        raise ConsentMalformed("The Consent holds no provision with a code.")
    if status in _NO_LONGER:
        provisions = tuple(_denied(provision) for provision in provisions)
    reference, identifier = _patient(document)
    return StatedConsent(reference, identifier, _stated_at(document), provisions)


def _patient(document: Mapping[str, Any]) -> tuple[str | None, tuple[str, str] | None]:
    patient = _object(document.get("patient"), "patient")
    reference, identifier = patient.get("reference"), patient.get("identifier")
    if isinstance(reference, str) and reference:
        return reference, None
    if isinstance(identifier, Mapping):
        system, value = identifier.get("system"), identifier.get("value")
        if isinstance(system, str) and isinstance(value, str) and system and value:
            return None, (system, value)
    raise ConsentMalformed("The Consent names no patient by reference or identifier.")


def _provisions(
    provision: Mapping[str, Any], around: Mapping[str, Any] | None, depth: int
) -> Iterator[StatedProvision]:
    if depth > _DEEPEST:
        raise ConsentMalformed("Provisions are nested too deeply.")
    period = provision.get("period", around)
    codes = list(_codes(provision))
    if codes:
        kind = _kind(provision.get("type"))
        start, end = _period(period)
        for code in codes:
            yield StatedProvision(code, kind, start, end)
    for inner in _list(provision.get("provision"), "provision"):
        yield from _provisions(_object(inner, "provision"), period, depth + 1)


def _codes(provision: Mapping[str, Any]) -> Iterator[str]:
    """The first coding of each code: further codings are translations of the same policy."""
    for concept in _list(provision.get("code"), "code"):
        codings = _list(_object(concept, "code").get("coding"), "coding")
        code = _object(codings[0], "coding").get("code") if codings else None
        if not isinstance(code, str) or not code:
            raise ConsentMalformed("A code of a provision has no coding.")
        yield code


def _kind(text: object) -> Provision:
    try:
        return Provision(str(text))
    except ValueError:
        raise ConsentMalformed("The type of a provision is permit or deny.") from None


def _denied(stated: StatedProvision) -> StatedProvision:
    return StatedProvision(stated.policy, Provision.DENY, stated.valid_from, stated.valid_to)


def _stated_at(document: Mapping[str, Any]) -> datetime | None:
    given = document.get("dateTime")
    return None if given is None else _moment(given, last=False)


def _period(period: object) -> tuple[datetime, datetime | None]:
    if period is None:
        return FIRST, None
    given = _object(period, "period")
    start, end = given.get("start"), given.get("end")
    valid_from = FIRST if start is None else _moment(start, last=False)
    valid_to = None if end is None else _moment(end, last=True)
    if valid_to is not None and valid_to < valid_from:
        raise ConsentMalformed("A period ends before it begins.")
    return valid_from, valid_to


def _moment(text: object, *, last: bool) -> datetime:
    try:
        return last_moment(text) if last else first_moment(text)
    except TimeUnreadable:
        raise ConsentMalformed("A date or time cannot be read.") from None


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConsentMalformed(f"'{name}' of the Consent is missing or not an object.")
    return value


def _list(value: object, name: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ConsentMalformed(f"'{name}' in the Consent is not a list.")
    return value
