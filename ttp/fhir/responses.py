"""Responses: every answer of this door is FHIR, in the format the caller asked for, errors of every layer included."""

from __future__ import annotations

import orjson
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from keys.errors import KeyringUnreachable
from ttp.core.errors import TTPError, Unavailable
from ttp.fhir.answers import Answer, refusal
from ttp.http.problems import bare_problem, named_problem
from ttp.wire.negotiation import Format, UnsupportedFormat, answer_format, body_format
from ttp.wire.outcome import outcome, plain_issue
from ttp.wire.writing import written

_ISSUES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}
_CHALLENGE = 'Bearer realm="treuhandstelle", Basic realm="treuhandstelle", charset="UTF-8"'


def choose_format() -> None:
    """Settle the format of the answer; who takes anything gets the format of their request.

    Raises:
        NotAcceptable: the caller takes neither JSON nor XML.
    """
    try:
        own = body_format(request.content_type)
    except UnsupportedFormat:
        own = Format.JSON
    formats = request.args.getlist("_format")
    g.fhir_format = answer_format(request.headers.get("Accept"), formats, otherwise=own)


def respond(answer: Answer) -> Response:
    """The answer in the format settled; large Bundles leave piece by piece."""
    pieces, form = written(answer.resource, g.get("fhir_format", Format.JSON))
    return Response(pieces, answer.status, mimetype=form.value)


def pack(answer: Answer) -> bytes:
    """An answer as it is kept for repeats: three digits of status, then the resource as JSON."""
    return b"%d" % answer.status + orjson.dumps(answer.resource)


def respond_packed(kept: Response) -> Response:
    """The response to a request with an Idempotency-Key, made of what was kept."""
    packed = kept.get_data()
    if g.get("fhir_format") is Format.XML:
        response = respond(Answer(int(packed[:3]), orjson.loads(packed[3:])))
    else:
        response = Response(packed[3:], int(packed[:3]), mimetype=Format.JSON.value)
    for name, value in kept.headers:
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def named(error: TTPError) -> Response:
    """An error of the tree as OperationOutcome; headers as everywhere."""
    response = respond(refusal(error))
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = _CHALLENGE
    retry = named_problem(error).headers.get("Retry-After")
    if retry is not None:
        response.headers["Retry-After"] = retry
    return response


def keyring_away(_error: KeyringUnreachable) -> Response:
    """While the keyring's database is away nothing can be answered; clients try again."""
    return named(Unavailable("The keyring cannot be reached now."))


def of_the_web(error: HTTPException) -> Response:
    """An error of the web layer itself: no such resource, wrong method, body too large."""
    status = error.code or 500
    issue = plain_issue(_ISSUES.get(status, "processing"), error.name)
    response = respond(Answer(status, outcome([issue])))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def unexpected(error: Exception) -> Response:
    """An unnamed error: a correlation ID that is in the log too, nothing else."""
    correlation = orjson.loads(bare_problem(error).data)["correlation"]
    issue = plain_issue("exception", f"Internal error, correlation {correlation}.")
    return respond(Answer(500, outcome([issue])))
