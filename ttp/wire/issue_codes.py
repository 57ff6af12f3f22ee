"""Codings of results inside of answers: an error of the tree as FHIR issue type, a success as HL7 message."""

from __future__ import annotations

from ttp.core.errors import TTPError
from ttp.wire.outcome import MESSAGES, issue_type

Coding = dict[str, str]

ISSUE_TYPES = "http://hl7.org/fhir/issue-type"

_DISPLAYS = {
    "business-rule": "Business Rule Violation",
    "conflict": "Conflict",
    "exception": "Exception",
    "forbidden": "Forbidden",
    "invalid": "Invalid Content",
    "lock-error": "Lock Error",
    "login": "Login Required",
    "not-found": "Not Found",
    "not-supported": "Content not supported",
    "structure": "Structural Issue",
    "throttled": "Throttled",
    "too-costly": "Operation Too Costly",
    "transient": "Transient Issue",
}
_MESSAGE_DISPLAYS = {
    "MSG_CREATED": "New resource created",
    "MSG_DELETED": "This resource has been deleted",
    "MSG_UPDATED": "Existing resource updated",
}


def error_coding(error: TTPError) -> Coding:
    """The issue type of an error (FHIR R4, value set issue-type)."""
    code = issue_type(error)
    return {"system": ISSUE_TYPES, "code": code, "display": _DISPLAYS.get(code, code)}


def message_coding(message: str) -> Coding:
    """A success, such as ``MSG_DELETED`` (HL7 code system operation-outcome)."""
    return {"system": MESSAGES, "code": message, "display": _MESSAGE_DISPLAYS[message]}
