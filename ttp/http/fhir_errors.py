"""Errors in FHIR: what every door that speaks FHIR tells of errors of the web layer, the keyring, and unnamed ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from ttp.core.errors import TTPError
from ttp.http.problems import bare_problem, named_problem
from ttp.wire.outcome import outcome, plain_issue

CHALLENGE = 'Bearer realm="treuhandstelle", Basic realm="treuhandstelle", charset="UTF-8"'

_ISSUES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status, an OperationOutcome and the headers that go with them."""

    status: int
    resource: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    def on(self, response: Response) -> Response:
        """The response with these headers."""
        response.headers.update(self.headers)
        return response


def of_the_web(error: HTTPException) -> Refusal:
    """An error of the web layer itself: no such resource, wrong method, body too large."""
    status = error.code or 500
    issue = plain_issue(_ISSUES.get(status, "processing"), error.name)
    allowed = {name: value for name, value in error.get_headers() if name == "Allow"}
    return Refusal(status, outcome([issue]), allowed)


def keyring_away() -> Refusal:
    """While the keyring's database is away nothing can be answered; clients try again."""
    issue = plain_issue("transient", "The keyring cannot be reached now.")
    return Refusal(503, outcome([issue]), {"Retry-After": "1"})


def unexpected(error: Exception) -> Refusal:
    """An unnamed error: a correlation ID that is in the log too, nothing else."""
    correlation = orjson.loads(bare_problem(error).data)["correlation"]
    issue = plain_issue("exception", f"Internal error, correlation {correlation}.")
    return Refusal(500, outcome([issue]))


def headers_of(error: TTPError, status: int) -> dict[str, str]:
    """The headers that go with an error of the tree: how to log in, when to try again."""
    headers = {"WWW-Authenticate": CHALLENGE} if status == 401 else {}
    retry = named_problem(error).headers.get("Retry-After")
    return headers | ({"Retry-After": retry} if retry else {})
