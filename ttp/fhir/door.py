"""The FHIR door: every answer is FHIR, errors of the web layer and unexpected ones included."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ttp import __version__
from ttp.core.access import Actor
from ttp.core.errors import InvalidPseudonym, TTPError, UnknownOriginal, UnknownPseudonym
from ttp.core.ports import Transaction
from ttp.fhir.answers import Answer, answer_of, located, refusal
from ttp.fhir.bundles import TransactionRefused, run_bundle
from ttp.fhir.calls import Call, Operation, call_of, operation_of
from ttp.fhir.capability import capability_statement
from ttp.fhir.running import run_calls
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.problems import bare_problem, named_problem
from ttp.wire.negotiation import FHIR_JSON, check_accept, check_content_type
from ttp.wire.outcome import outcome, plain_issue
from ttp.wire.parameters import read_json

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")

_UNKNOWN = (UnknownOriginal, UnknownPseudonym, InvalidPseudonym)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ISSUES = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}


@fhir.before_request
def negotiate() -> None:
    """Refuse formats that this door does not speak."""
    check_accept(request.headers.get("Accept"), request.args.getlist("_format"))


@fhir.get("/metadata")
def metadata() -> Response:
    """What this endpoint can do; needs no login."""
    return _response(Answer(200, capability_statement(the_center(), version=__version__)))


@fhir.post("/$<string:name>")
def operation(name: str) -> Response:
    """One of the six operations on one value."""
    wanted = operation_of(f"${name}", base="")
    actor = calling_actor()
    check_content_type(request.content_type)
    call = call_of(wanted, read_json(request.get_data()))
    return _kept(answer_once(actor, lambda tx: _packed(_run_one(tx, actor, call))))


@fhir.post("")
@fhir.post("/", endpoint="base")
def bundle() -> Response:
    """Many operations in a Bundle of type batch or transaction."""
    actor = calling_actor()
    check_content_type(request.content_type)
    document = read_json(request.get_data())
    return _kept(
        answer_once(
            actor, lambda tx: _packed(Answer(200, run_bundle(the_center(), tx, actor, document)))
        )
    )


@fhir.route("/<path:rest>", methods=_METHODS)
@fhir.route("/", methods=_METHODS, endpoint="other")
@fhir.route("", methods=_METHODS, endpoint="other")
def unknown(rest: str = "") -> Response:
    """Everything else does not exist, or not with this method."""
    known = {"", *(f"${operation.value}" for operation in Operation)}
    if rest in known:
        raise MethodNotAllowed(["POST"])
    if rest == "metadata":
        raise MethodNotAllowed(["GET"])
    raise NotFound


@fhir.errorhandler(TTPError)
def named(error: TTPError) -> Response:
    """An error of the tree as OperationOutcome; headers as everywhere."""
    told = named_problem(error)
    response = _response(refusal(error))
    if response.status_code == 401:
        challenge = 'Bearer realm="treuhandstelle", Basic realm="treuhandstelle", charset="UTF-8"'
        response.headers["WWW-Authenticate"] = challenge
    if "Retry-After" in told.headers:
        response.headers["Retry-After"] = told.headers["Retry-After"]
    return response


@fhir.errorhandler(TransactionRefused)
def refused(error: TransactionRefused) -> Response:
    """A transaction that changed nothing."""
    return _response(error.answer)


@fhir.errorhandler(HTTPException)
def of_the_web(error: HTTPException) -> Response:
    """An error of the web layer itself: no such resource, wrong method, body too large."""
    status = error.code or 500
    issue = plain_issue(_ISSUES.get(status, "processing"), error.name)
    response = _response(Answer(status, outcome([issue])))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


@fhir.errorhandler(Exception)
def unexpected(error: Exception) -> Response:
    """An unnamed error: a correlation ID that is in the log too, nothing else."""
    correlation = orjson.loads(bare_problem(error).data)["correlation"]
    issue = plain_issue("exception", f"Internal error, correlation {correlation}.")
    return _response(Answer(500, outcome([issue])))


def _run_one(tx: Transaction, actor: Actor, call: Call) -> Answer:
    """The answer to one call; that a value is unknown is an answer too, and leaves its leaf."""
    result = run_calls(the_center(), tx, actor, [call])[0]
    if isinstance(result, TTPError) and not isinstance(result, _UNKNOWN):
        raise located(call, result)
    return answer_of(call, result)


def _packed(answer: Answer) -> bytes:
    """An answer as it is kept for repeats: three digits of status, then the resource."""
    status = 200 if answer.status == 201 else answer.status  # 201 is for entries of Bundles only
    return b"%d" % status + orjson.dumps(answer.resource)


def _kept(response: Response) -> Response:
    packed: Any = response.get_data()
    response.status_code = int(packed[:3])
    response.set_data(packed[3:])
    response.mimetype = FHIR_JSON
    return response


def _response(answer: Answer) -> Response:
    return Response(orjson.dumps(answer.resource), answer.status, mimetype=FHIR_JSON)
