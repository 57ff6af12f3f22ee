"""The REST door of Vfps: namespaces may have slashes in their names; errors are those of gRPC in JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, NotFound

from keys.errors import KeyringUnreachable
from ttp.core.errors import TTPError
from ttp.gateways.vfps.namespaces import all_namespaces, create_namespace, get_namespace
from ttp.gateways.vfps.pseudonyms import create_pseudonym, get_pseudonym, page_of_pseudonyms
from ttp.gateways.vfps.statuses import Code, code_of
from ttp.gateways.vfps.written import (
    namespace_in,
    namespace_json,
    original_in,
    page_json,
    pseudonym_json,
)
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center, write
from ttp.http.fhir_errors import CHALLENGE
from ttp.http.fhir_exchange import METHODS
from ttp.http.problems import bare_problem
from ttp.http.url_identifiers import IdentifierInUrl, require_identifiers_allowed

Json = dict[str, Any]

vfps = Blueprint("vfps", __name__, url_prefix="/v1")

_NAMESPACE = "/namespaces/<path:namespace>"
_CODES = {404: Code.NOT_FOUND, 405: Code.UNIMPLEMENTED}


def _route(rule: str, method: str) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """A route whose path keeps its double slashes, as URIs have them."""

    def register(view: Callable[..., Response]) -> Callable[..., Response]:
        vfps.add_url_rule(rule, view.__name__, view, methods=[method], merge_slashes=False)
        return view

    return register


@_route("/namespaces", "POST")
def make_namespace() -> Response:
    """Make a namespace."""
    actor, center = calling_actor(), the_center()
    wanted = namespace_in(request.get_data())
    made = write(lambda tx: create_namespace(center, tx, actor, wanted))
    return _answer({"namespace": namespace_json(made)})


@_route("/namespaces", "GET")
def list_namespaces() -> Response:
    """The namespaces of the caller."""
    actor = calling_actor()
    found = read(lambda tx: all_namespaces(tx, actor))
    return _answer({"namespaces": [namespace_json(one) for one in found]})


@_route(_NAMESPACE, "GET")
def show_namespace(namespace: str) -> Response:
    """One namespace."""
    actor = calling_actor()
    found = read(lambda tx: get_namespace(tx, actor, namespace))
    return _answer({"namespace": namespace_json(found)})


@_route(_NAMESPACE, "DELETE")
def delete_namespace(namespace: str) -> Response:  # noqa: ARG001 - every namespace is refused alike
    """Nobody deletes a namespace alone: keys of domains are destroyed by two persons."""
    calling_actor()
    text = "A namespace ends when two persons destroy the keys of its domain."
    response = _refusal(Code.UNIMPLEMENTED, text)
    response.status_code = 405
    response.headers["Allow"] = "GET"
    return response


@_route(f"{_NAMESPACE}/pseudonyms", "POST")
def issue(namespace: str) -> Response:
    """The pseudonym of an original, made if there is none."""
    actor, center = calling_actor(), the_center()
    original = original_in(request.get_data())
    told = write(lambda tx: create_pseudonym(center, tx, actor, namespace, original))
    return _answer({"pseudonym": pseudonym_json(told)})


@_route(f"{_NAMESPACE}/pseudonyms", "GET")
def list_pseudonyms(namespace: str) -> Response:
    """Pseudonyms of a namespace page by page, never with originals."""
    actor, center = calling_actor(), the_center()
    size = request.args.get("page_size", request.args.get("pageSize", 0, type=int), type=int)
    page = request.args.get("page_token", request.args.get("pageToken", ""))
    total = request.args.get("include_total_size", request.args.get("includeTotalSize", ""))
    told = write(
        lambda tx: page_of_pseudonyms(
            center, tx, actor, namespace, size=size, page=page, with_total=total.lower() == "true"
        )
    )
    return _answer(page_json(told))


@_route(f"{_NAMESPACE}/pseudonyms/<string:pseudonym>", "GET")
def resolve(namespace: str, pseudonym: str) -> Response:
    """The original behind a pseudonym; the URL names the pseudonym, so a center has to allow it."""
    actor, center = calling_actor(), the_center()
    require_identifiers_allowed()
    told = write(lambda tx: get_pseudonym(center, tx, actor, namespace, pseudonym))
    if isinstance(told, TTPError):
        raise told
    return _answer({"pseudonym": pseudonym_json(told)})


@vfps.route("/<path:rest>", methods=METHODS)
@vfps.route("/", methods=METHODS)
def unknown(rest: str = "") -> Response:  # noqa: ARG001 - whatever it is, it does not exist
    """Everything else does not exist."""
    raise NotFound


@vfps.errorhandler(TTPError)
@vfps.errorhandler(KeyringUnreachable)
def named(error: Exception) -> Response:
    """An error of the tree."""
    detail = getattr(error, "detail", None) or "The keyring cannot be reached."
    response = _refusal(code_of(error), detail)
    if isinstance(error, IdentifierInUrl):
        response.status_code = 405
        response.headers["Allow"] = "POST"
    return response


@vfps.errorhandler(HTTPException)
def of_the_web(error: HTTPException) -> Response:
    """An error of the web layer itself."""
    response = _refusal(_CODES.get(error.code or 500, Code.INVALID_ARGUMENT), error.name)
    response.status_code = error.code or 500
    return response


@vfps.errorhandler(Exception)
def unexpected(error: Exception) -> Response:
    """An unnamed error: a correlation ID that is in the log too, nothing else."""
    correlation = orjson.loads(bare_problem(error).data)["correlation"]
    return _refusal(Code.INTERNAL, f"Internal error, correlation {correlation}.")


def _answer(told: Json) -> Response:
    return Response(orjson.dumps(told), mimetype="application/json")


def _refusal(code: Code, detail: str) -> Response:
    told = {"code": code.number, "message": detail, "details": []}
    response = Response(orjson.dumps(told), code.status, mimetype="application/json")
    if code is Code.UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = CHALLENGE
    if code is Code.UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response
