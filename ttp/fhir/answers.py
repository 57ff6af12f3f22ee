"""Answers: what a call's result looks like on the wire, with the caller's own context and original repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ttp.core import errors
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.fhir.calls import Call, Operation
from ttp.fhir.running import Result
from ttp.http.problems import status_of
from ttp.wire.bundle import MethodNotSupported
from ttp.wire.clinical import ClinicalResource
from ttp.wire.negotiation import NotAcceptable, UnsupportedFormat
from ttp.wire.outcome import issue_of, outcome, success
from ttp.wire.parameters import parameters

Json = dict[str, Any]

_STATUS: list[tuple[type[Exception], int]] = [
    (ClinicalResource, 422),
    (errors.DeletionNotAllowed, 405),
    (MethodNotSupported, 405),
    (NotAcceptable, 406),
    (UnsupportedFormat, 415),
    (errors.InvalidPseudonym, 404),
    (errors.BadRequest, 400),
]
_WRONG_KIND = {
    Operation.PSEUDONYMIZE_MULTIPLE: (
        "This domain gives one pseudonym per original: use $pseudonymize or $get-pseudonym."
    )
}
_WRONG_KIND_SINGLE = (
    "This domain gives several pseudonyms per original: use $pseudonymize-multiple."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a resource: Parameters or OperationOutcome. ``issue`` is set for errors only."""

    status: int
    resource: Json
    issue: Json | None = None


def fhir_status(error: Exception) -> int:
    """The HTTP status of an error as the interface wants it: 404 for unknown values, 405 for forbidden deletion."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), status_of(error))


def answer_of(call: Call, result: Result) -> Answer:
    """The answer to a call: 200 for what was found or done, 201 for what was made."""
    match result:
        case errors.TTPError():
            return refusal(located(call, result))
        case Issued():
            return Answer(201 if result.created else 200, _pseudonym(call, result.pseudonym))
        case IssuedMany():
            return Answer(201 if result.created else 200, _secondaries(call, result))
        case _ if call.operation is Operation.DE_PSEUDONYMIZE:
            return Answer(200, _originals(call, result))
        case _ if call.operation is Operation.DELETE_PSEUDONYM:
            return Answer(
                200, success("MSG_DELETED", "The original and its pseudonyms are deleted.")
            )
        case _:
            text = "The link between the original and its pseudonyms is destroyed."
            return Answer(200, success("MSG_UPDATED", text))


def refusal(error: errors.TTPError) -> Answer:
    """The answer that tells an error."""
    issue = issue_of(error)
    return Answer(fhir_status(error), outcome([issue]), issue)


def located(call: Call, error: errors.TTPError) -> errors.TTPError:
    """The error, saying where in the call it lies and which operation would have been right."""
    detail = error.detail
    if isinstance(error, errors.WrongDomainKind):
        detail = _WRONG_KIND.get(call.operation, _WRONG_KIND_SINGLE)
    if isinstance(error, errors.UnknownDomain):
        detail = "There is no domain of the name given as context."
    place = call.place_of(error)
    return type(error)(detail, **error.facts, **({"expression": place} if place else {}))


def _pseudonym(call: Call, pseudonym: str) -> Json:
    return parameters(*call.repeated(), call.subject.like("pseudonym", pseudonym))


def _secondaries(call: Call, result: IssuedMany) -> Json:
    parts = ([*call.repeated(), call.subject.like("value", token)] for token in result.pseudonyms)
    return parameters(*({"name": "pseudonym", "part": part} for part in parts))


def _originals(call: Call, found: tuple[str, ...]) -> Json:
    context, pseudonym = call.repeated()
    parts = ([context, call.subject.like("value", original), pseudonym] for original in found)
    return parameters(*({"name": "original", "part": part} for part in parts))
