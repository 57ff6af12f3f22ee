"""Responses: every answer of this door is FHIR, in the format the caller asked for, errors of every layer included."""

from __future__ import annotations

import orjson
from flask import Response, g, request

from ttp.core.errors import TTPError
from ttp.fhir.answers import Answer, refusal
from ttp.http.fhir_errors import Refusal, headers_of
from ttp.wire.negotiation import Format, UnsupportedFormat, answer_format, body_format
from ttp.wire.writing import written


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
    response.headers.update(headers_of(error, response.status_code))
    return response


def refused(refusal: Refusal) -> Response:
    """What is not of the tree, in the format settled."""
    return refusal.on(respond(Answer(refusal.status, refusal.resource)))
