"""FHIR over HTTP: resources come and go in JSON or XML, and every error becomes an OperationOutcome.

What gateways share. Overload is told by 503, which clients of these interfaces repeat, never by 429, which they do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from keys.errors import KeyringUnreachable
from ttp.core import errors
from ttp.http.fhir_errors import Refusal, headers_of, keyring_away, of_the_web, unexpected
from ttp.http.problems import status_of
from ttp.http.url_identifiers import IdentifierInUrl
from ttp.wire.bundle import MethodNotSupported
from ttp.wire.negotiation import (
    Format,
    NotAcceptable,
    UnsupportedFormat,
    answer_format,
    body_format,
)
from ttp.wire.outcome import issue_of, outcome
from ttp.wire.parameters import read_json
from ttp.wire.xml_reading import read_xml
from ttp.wire.xml_writing import NotInXml, write_xml

Json = dict[str, Any]
Statuses = Sequence[tuple[type[Exception], int]]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_STATUS: Statuses = (
    (IdentifierInUrl, 405),
    (MethodNotSupported, 405),
    (NotAcceptable, 406),
    (UnsupportedFormat, 415),
    (errors.BadRequest, 400),
    (errors.BudgetExceeded, 403),  # until tomorrow: repeating it now is of no use
    (errors.TooManyItems, 413),
    (errors.TooMuch, 503),
)


def gateway_status(error: Exception, own: Statuses = ()) -> int:
    """The HTTP status of an error of the tree at a gateway; ``own`` statuses of the gateway go first."""
    statuses = (*own, *_STATUS)
    return next((status for kind, status in statuses if isinstance(error, kind)), status_of(error))


def asked_resource() -> Json:
    """The resource in the body of this request.

    Raises:
        UnsupportedFormat, MalformedBody: it is not FHIR.
    """
    body = request.get_data()
    kind = body_format(request.content_type, encoding=request.headers.get("Content-Encoding"))
    return read_json(body) if kind is Format.JSON else read_xml(body)


def resource_response(resource: Mapping[str, Any], status: int = 200) -> Response:
    """An answer that carries a resource, in the format that the caller takes; JSON where nobody asked."""
    wanted = _wanted()
    if wanted is Format.XML:
        try:
            return Response(write_xml(resource), status, mimetype=wanted.value)
        except NotInXml:  # a control character in a name that the caller gave
            wanted = Format.JSON
    return Response(orjson.dumps(resource), status, mimetype=wanted.value)


def written(response: Response) -> Response:
    """An answer whose body is a resource in JSON, in the format that the caller takes."""
    if _wanted() is Format.JSON:
        response.mimetype = Format.JSON.value
        return response
    told = resource_response(orjson.loads(response.get_data()), response.status_code)
    told.headers.update({k: v for k, v in response.headers if not k.startswith("Content-")})
    return told


def _wanted() -> Format:
    """The format of the answer; JSON to who takes neither, so that they can be told."""
    try:
        return _negotiated()
    except NotAcceptable:
        return Format.JSON


def _negotiated() -> Format:
    accept = request.headers.get("Accept")
    own = Format.XML if "xml" in (request.content_type or "") else Format.JSON
    return answer_format(accept, request.args.getlist("_format"), otherwise=own)


def register_fhir(
    blueprint: Blueprint, *, known: Mapping[str, Sequence[str]], own: Statuses = ()
) -> None:
    """Negotiate formats at this door, tell errors in FHIR, and answer paths that no route has.

    ``known`` holds the methods of paths that exist below the blueprint; ``own`` the door's own statuses.
    """

    def negotiate() -> None:
        _negotiated()

    def unknown(rest: str = "") -> Response:
        if rest in known:
            raise MethodNotAllowed(list(known[rest]))
        raise NotFound

    blueprint.before_request(negotiate)
    for rule in ("/<path:rest>", "/"):
        blueprint.add_url_rule(rule, "unknown", unknown, methods=METHODS)
    blueprint.register_error_handler(errors.TTPError, lambda error: _named(error, own))
    blueprint.register_error_handler(KeyringUnreachable, lambda _: _refused(keyring_away()))
    blueprint.register_error_handler(HTTPException, lambda error: _refused(of_the_web(error)))
    blueprint.register_error_handler(Exception, lambda error: _refused(unexpected(error)))


def _named(error: errors.TTPError, own: Statuses) -> Response:
    status = gateway_status(error, own)
    response = resource_response(outcome([issue_of(error)]), status)
    response.headers.update(headers_of(error, status))
    if status == 405:
        response.headers["Allow"] = "POST"
    if status == 503:
        response.headers.setdefault("Retry-After", "1")
    return response


def _refused(refusal: Refusal) -> Response:
    return refusal.on(resource_response(refusal.resource, refusal.status))
