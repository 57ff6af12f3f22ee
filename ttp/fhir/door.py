"""The FHIR door: the six operations, alone or in Bundles, and what programs ask to learn of them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from keys.errors import KeyringUnreachable
from ttp import __version__
from ttp.core.access import Actor
from ttp.core.errors import (
    InvalidPseudonym,
    TTPError,
    Unavailable,
    UnknownOriginal,
    UnknownPseudonym,
)
from ttp.core.ports import Transaction
from ttp.fhir.answers import Answer, answer_of, located
from ttp.fhir.bundles import TransactionRefused, run_bundle
from ttp.fhir.calls import Call, Operation, call_of, operation_of
from ttp.fhir.capability import capability_statement
from ttp.fhir.definitions import PATH, definition_of, search_definitions
from ttp.fhir.responses import (
    choose_format,
    named,
    pack,
    refused,
    respond,
    respond_packed,
)
from ttp.fhir.running import Result, run_calls
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center, write
from ttp.http.fhir_errors import keyring_away, of_the_web, unexpected
from ttp.http.idempotency import HEADER, answer_once
from ttp.http.joint_calls import may_join, read_before_asking
from ttp.http.joint_issuing import issue_jointly
from ttp.wire.clinical import read_taken
from ttp.wire.negotiation import body_format

Json = dict[str, object]

PREFIX = "/fhir"

fhir = Blueprint("fhir", __name__, url_prefix=PREFIX)

_UNKNOWN = (UnknownOriginal, UnknownPseudonym, InvalidPseudonym)
_JOINING = frozenset({Operation.PSEUDONYMIZE, Operation.GET_PSEUDONYM})
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

fhir.before_request(choose_format)
fhir.register_error_handler(TTPError, named)
fhir.register_error_handler(HTTPException, lambda error: refused(of_the_web(error)))
fhir.register_error_handler(KeyringUnreachable, lambda _: refused(keyring_away()))
fhir.register_error_handler(Exception, lambda error: refused(unexpected(error)))


@fhir.before_app_request
def no_route() -> Response | None:
    """What the router itself refuses below this door is told in FHIR too."""
    error = request.routing_exception
    below = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
    if not below or error is None or (error.code or 500) < 400:
        return None
    return refused(of_the_web(error))


@fhir.get("/metadata")
def metadata() -> Response:
    """What this endpoint can do; needs no login."""
    return respond(Answer(200, capability_statement(the_center(), version=__version__)))


@fhir.get(f"/{PATH}")
def definitions() -> Response:
    """The definitions of the operations, as a searchset; needs no login."""
    return respond(Answer(200, search_definitions(request.args, base=_base())))


@fhir.get(f"/{PATH}/<string:name>")
def definition(name: str) -> Response:
    """The definition of one operation by its code; needs no login."""
    return respond(Answer(200, definition_of(operation_of(f"${name}", base=""), base=_base())))


@fhir.post("/$<string:name>")
def operation(name: str) -> Response:
    """One of the six operations on one value."""
    wanted = operation_of(f"${name}", base="")
    if wanted in _JOINING and may_join():
        call = read_before_asking(lambda: call_of(wanted, _document()))
        return respond(_answer(call, _issued_jointly(call)))
    actor = calling_actor()
    call = call_of(wanted, _document())
    return _once(actor, lambda tx: _run_one(tx, actor, call))


@fhir.post("")
@fhir.post("/", endpoint="base")
def bundle() -> Response:
    """Many operations in a Bundle of type batch or transaction."""
    actor = calling_actor()
    document = _document()
    return _once(actor, lambda tx: Answer(200, run_bundle(the_center(), tx, actor, document)))


@fhir.route("/<path:rest>", methods=_METHODS)
@fhir.route("/", methods=_METHODS, endpoint="other")
@fhir.route("", methods=_METHODS, endpoint="other")
def unknown(rest: str = "") -> Response:
    """Everything else does not exist, or not with this method."""
    known = {"", *(f"${operation.value}" for operation in Operation)}
    if rest in known:
        raise MethodNotAllowed(["POST"])
    if rest in {"metadata", PATH, *(f"{PATH}/{operation.value}" for operation in Operation)}:
        raise MethodNotAllowed(["GET"])
    raise NotFound


@fhir.errorhandler(TransactionRefused)
def changed_nothing(error: TransactionRefused) -> Response:
    """A transaction that changed nothing."""
    return respond(error.answer)


def _base() -> str:
    return f"{the_center().public_url}{PREFIX}"


def _document() -> Json:
    form = body_format(request.content_type, encoding=request.headers.get("Content-Encoding"))
    return read_taken(request.get_data(), form)


def _once(actor: Actor, step: Callable[[Transaction], Answer]) -> Response:
    """Run the step in a transaction and answer; with an Idempotency-Key the answer is kept for repeats."""
    if HEADER not in request.headers:
        return respond(write(step))
    return respond_packed(answer_once(actor, lambda tx: pack(step(tx))))


def _run_one(tx: Transaction, actor: Actor, call: Call) -> Answer:
    """The answer to one call; that a value is unknown is an answer too, and leaves its leaf."""
    return _answer(call, run_calls(the_center(), tx, actor, [call])[0])


def _issued_jointly(call: Call) -> Result:
    """The result of a call that may be answered together with others."""
    try:
        return issue_jointly(call.domain, [call.value], create=call.create)[0]
    except Unavailable:
        raise
    except TTPError as error:
        return error


def _answer(call: Call, result: Result) -> Answer:
    if isinstance(result, TTPError) and not isinstance(result, _UNKNOWN):
        raise located(call, result)
    answer = answer_of(call, result)
    status = 200 if answer.status == 201 else answer.status  # 201 is for entries of Bundles only
    return Answer(status, answer.resource)
