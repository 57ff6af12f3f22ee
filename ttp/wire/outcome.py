"""OperationOutcome: how success and every error are told in FHIR R4; never with a value of a patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ttp.core import errors
from ttp.wire.bundle import MethodNotSupported
from ttp.wire.clinical import ClinicalResource
from ttp.wire.negotiation import NotAcceptable, UnsupportedFormat

Json = dict[str, Any]

MESSAGES = "http://terminology.hl7.org/CodeSystem/operation-outcome"
PROBLEMS = "urn:treuhandstelle:problem"

_ISSUE_TYPES: list[tuple[type[Exception], str]] = [
    (errors.NotAuthenticated, "login"),
    (errors.DeletionNotAllowed, "not-supported"),
    (errors.NotAllowed, "forbidden"),
    (errors.NotFound, "not-found"),
    (errors.InvalidPseudonym, "not-found"),
    (errors.MalformedBody, "structure"),
    (errors.WrongDomainKind, "business-rule"),
    (ClinicalResource, "not-supported"),
    (MethodNotSupported, "not-supported"),
    (UnsupportedFormat, "not-supported"),
    (NotAcceptable, "not-supported"),
    (errors.BadRequest, "invalid"),
    (errors.IdempotencyMismatch, "business-rule"),
    (errors.TooManyItems, "too-costly"),
    (errors.TooMuch, "throttled"),
    (errors.DatabaseBusy, "lock-error"),
    (errors.DatabaseFull, "no-store"),
    (errors.Unavailable, "transient"),
    (errors.Conflict, "conflict"),
]


def issue_type(error: Exception) -> str:
    """The FHIR issue type of an error of the tree; ``exception`` for everything that has no name."""
    return next((kind for named, kind in _ISSUE_TYPES if isinstance(error, named)), "exception")


def issue_of(error: errors.TTPError) -> Json:
    """One issue that tells an error, and where in the request it lies if the error knows (fact ``expression``)."""
    issue: Json = {
        "severity": "error",
        "code": issue_type(error),
        "details": {"coding": [{"system": PROBLEMS, "code": error.code}]},
        "diagnostics": error.detail,
    }
    place = error.facts.get("expression")
    return {**issue, "expression": [place]} if isinstance(place, str) else issue


def plain_issue(code: str, diagnostics: str) -> Json:
    """An issue for an error that has no name in the tree."""
    return {"severity": "error", "code": code, "diagnostics": diagnostics}


def outcome(issues: Sequence[Json]) -> Json:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def success(message: str, diagnostics: str) -> Json:
    """An OperationOutcome that tells success with a code of HL7, such as ``MSG_DELETED``."""
    issue = {
        "severity": "information",
        "code": "informational",
        "details": {"coding": [{"system": MESSAGES, "code": message}]},
        "diagnostics": diagnostics,
    }
    return outcome([issue])
