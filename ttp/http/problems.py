"""Problems: the one place where an error becomes an HTTP answer (RFC 9457)."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from keys.errors import KeyringUnreachable, KeysError
from linkage.errors import LinkageError
from ttp.core import errors

PROBLEM = "application/problem+json"
TYPE = "urn:treuhandstelle:problem:"

_STATUS: list[tuple[type[Exception], int]] = [
    (errors.InvalidField, 422),
    (errors.AtomicBatchRefused, 422),
    (errors.IdempotencyMismatch, 422),
    (errors.UnsupportedMediaType, 415),
    (errors.BadRequest, 400),
    (errors.NotAuthenticated, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooManyItems, 413),
    (errors.TooMuch, 429),
    (errors.Unavailable, 503),
    (LinkageError, 422),
]

_log = logging.getLogger("ttp.problems")


def status_of(error: Exception) -> int:
    """The HTTP status of an error of the tree; 500 for everything that has no name."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_of(error: Exception) -> dict[str, Any]:
    """The members of the problem document of an error of the tree."""
    code = getattr(error, "code", "internal")
    detail = getattr(error, "detail", None) or str(error)
    facts = getattr(error, "facts", {})
    return {
        "type": f"{TYPE}{code}",
        "code": code,
        "title": code.replace("-", " "),
        "detail": detail,
        **facts,
    }


def item_error(error: errors.TTPError) -> dict[str, Any]:
    """How an error stands in the place of an item of a batch."""
    return {"error": {"code": error.code, "detail": error.detail}}


def problem_response(status: int, problem: dict[str, Any]) -> Response:
    """The answer that carries a problem document."""
    response = Response(orjson.dumps({**problem, "status": status}), status, mimetype=PROBLEM)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="treuhandstelle"'
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def named_problem(error: Exception) -> Response:
    """The answer to an error of a tree."""
    return problem_response(status_of(error), problem_of(error))


def bare_problem(error: Exception) -> Response:
    """The answer to an unnamed error: a 500 with a correlation ID, the same ID in the log, nothing else."""
    correlation = uuid.uuid4().hex
    _log.error("correlation %s: %s in %s", correlation, _where(error), request.endpoint)
    problem = {
        "type": f"{TYPE}internal",
        "code": "internal",
        "title": "internal error",
        "correlation": correlation,
    }
    return problem_response(500, problem)


def keyring_away(error: KeyringUnreachable) -> Response:
    """The answer while the keyring's database is away: 503, for keys that may be out of date are not used."""
    title = "keyring unreachable"
    return problem_response(
        503, {"type": f"{TYPE}{error.code}", "code": error.code, "title": title}
    )


def http_problem(error: HTTPException) -> Response:
    """The answer to an error of the web layer itself (no such route, wrong method, body too large)."""
    code = (error.name or "error").lower().replace(" ", "-")
    status = error.code or 500
    problem = {"type": f"{TYPE}{code}", "code": code, "title": error.name, "detail": error.name}
    response = problem_response(status, problem)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def register_problems(app: Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(errors.TTPError, named_problem)
    app.register_error_handler(LinkageError, named_problem)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(KeyringUnreachable, keyring_away)
    app.register_error_handler(KeysError, bare_problem)
    app.register_error_handler(Exception, bare_problem)


def _where(error: Exception) -> str:
    """The error's type and the innermost lines of our own code; never its text, which may hold values."""
    trace, places = error.__traceback__, []
    while trace is not None:
        frame = trace.tb_frame
        places.append(f"{frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places[-6:]))}"
