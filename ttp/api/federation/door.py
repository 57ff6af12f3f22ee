"""The door for peers: signature first, then the body; every answer to a proven request is signed and bound to it.

Numbered as the security design numbers them: 1-8 verification (``keys.http_signatures``), 9 the action is
allowed for this peer, 10 its budget; the last two belong to the use cases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask import Response, g, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from keys.errors import RejectionReason, SignatureRejected
from keys.http_signatures import ReceivedRequest, VerifiedRequest
from ttp.core.access import Actor
from ttp.core.errors import InvalidField, MalformedBody, TTPError
from ttp.core.federation import MAXIMAL_BODY_BYTES
from ttp.http.center import read, the_center, write
from ttp.http.problems import PROBLEM, TYPE, problem_of, problem_response, status_of
from ttp.services.log.record_refusals import count_refusal
from ttp.services.peers.answer_peer import admit_request, sign_answer
from ttp.services.peers.ask_peer import witnessed_peer

JSON = "application/json"
T = TypeVar("T", bound="PeerBody")


class PeerBody(BaseModel):
    """The body of a signed request: strict types, unknown fields refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


def answer_signed(
    model: type[T], step: Callable[[Actor, T], dict[str, Any]], *, unwitnessed: bool = False
) -> Response:
    """Verify the request, read its body, run the step with the peer as actor, and sign what it gives.

    A peer whose log nobody witnesses is answered only what is ``unwitnessed``: what helps it to a witness.
    A refused signature is answered with an unsigned problem whose code is the reason, and counted.
    """
    arrived = the_center().clock.now()  # the headers are here; the body may still be on its way
    try:
        message = _received()
        actor, verified = admit_request(the_center(), message, arrived=arrived)
    except SignatureRejected as error:
        return _refused(error.reason)
    g.actor_name = actor.name
    try:
        if not unwitnessed:
            read(lambda tx: witnessed_peer(the_center(), tx, actor.name))
        answer, status, kind = step(actor, _read(model, message.body)), 200, JSON
    except TTPError as error:
        answer, status, kind = _problem(error), status_of(error), PROBLEM
    return _signed(verified, orjson.dumps(answer), status, kind)


def _received() -> ReceivedRequest:
    """The request under our own public URL, whatever host or proxy headers say.

    Raises:
        RequestEntityTooLarge: the body has more than 4 MiB.
    """
    request.max_content_length = MAXIMAL_BODY_BYTES
    if (request.content_length or 0) > MAXIMAL_BODY_BYTES:
        raise RequestEntityTooLarge
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    target = f"{the_center().public_url}{request.path}{query}"
    return ReceivedRequest(request.method, target, list(request.headers), request.get_data())


def _read(model: type[T], body: bytes) -> T:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        raise MalformedBody
    fields = [".".join(map(str, problem["loc"]))[:80] for problem in problems[:20]]
    raise InvalidField("The request does not have the form it needs.", fields=fields)


def _signed(verified: VerifiedRequest, body: bytes, status: int, kind: str) -> Response:
    headers = sign_answer(the_center(), verified, status=status, body=body, content_type=kind)
    response = Response(body, status)
    response.headers.update(headers)
    return response


def _refused(reason: RejectionReason) -> Response:
    code, g.actor_name = reason.value, _claimed()
    write(lambda tx: count_refusal(the_center(), tx, actor=g.actor_name, code=code))
    detail = "The signed request was refused."
    problem = {
        "type": f"{TYPE}{code}",
        "code": code,
        "title": code.replace("-", " "),
        "detail": detail,
    }
    response = problem_response(401, problem)
    response.headers["WWW-Authenticate"] = "Signature"
    return response


def _claimed() -> str:
    """Whom the request claims to come from, if that is a peer: a stranger cannot fill the log with names."""
    name = request.headers.get("ttp-center", "")
    known = read(lambda tx: [peer.name for peer in tx.peers.all()])
    return name if name in known else "stranger"


def _problem(error: TTPError) -> dict[str, Any]:
    return {**problem_of(error), "status": status_of(error)}
