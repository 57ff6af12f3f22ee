"""The gPAS door: routes of all operations and their historic names; forms by URL are refused unless allowed."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from flask import Blueprint, Response, request

from ttp import __version__
from ttp.core.access import Right
from ttp.core.errors import DeletionNotAllowed
from ttp.gateways.gpas.asked import Asked, asked_in_parameters, asked_in_query
from ttp.gateways.gpas.dialects import Dialect
from ttp.gateways.gpas.operations import OPERATIONS, Operation, issued
from ttp.gateways.gpas.pairs import insert_pairs, pairs_in
from ttp.gateways.gpas.secondaries import make_secondaries, wanted_in
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center, write
from ttp.http.fhir_exchange import asked_resource, register_fhir, resource_response, written
from ttp.http.idempotency import answer_once
from ttp.http.joint_calls import may_join, read_before_asking
from ttp.http.joint_issuing import issue_jointly
from ttp.http.url_identifiers import require_identifiers_allowed
from ttp.wire.capability_statement import capability_statement

gpas = Blueprint("gpas", __name__, url_prefix="/ttp-fhir/fhir/gpas")

SECONDARY = "pseudonymize-secondary"
PAIRS = "insertValuePseudonymPairs"
_QUERIED = ("pseudonymizeAllowCreate", "pseudonymize", "dePseudonymize")


@gpas.get("/metadata")
def metadata() -> Response:
    """What this endpoint can do; needs no login."""
    center = the_center()
    statement = capability_statement(
        name=f"Trust center {center.name}, in the manner of gPAS",
        url=f"{center.public_url}{gpas.url_prefix}",
        version=__version__,
        operations=[*(one.names[0] for one in OPERATIONS), PAIRS, SECONDARY],
        only=request.args.get("_elements"),
    )
    return resource_response(statement)


@gpas.post(f"/${SECONDARY}")
def secondary() -> Response:
    """Further pseudonyms of originals in domains that give several."""
    actor, center = calling_actor(), the_center()
    wanted = wanted_in(asked_resource())
    return written(
        answer_once(actor, lambda tx: orjson.dumps(make_secondaries(center, tx, actor, wanted)))
    )


@gpas.post(f"/${PAIRS}")
def insert() -> Response:
    """Pairs of originals and pseudonyms that another system issued."""
    actor, center = calling_actor(), the_center()
    given = pairs_in(asked_resource())
    return written(
        answer_once(actor, lambda tx: orjson.dumps(insert_pairs(center, tx, actor, given)))
    )


def _posted(operation: Operation, name: str) -> Callable[[], Response]:
    dialect = Dialect.RESULT_SET if name != operation.endpoint else Dialect.PRESENT

    def read() -> Asked:
        return asked_in_parameters(asked_resource(), operation.takes)

    def answer() -> Response:
        if operation.creates is not None and may_join():
            asked = read_before_asking(read)
            if may_join(asked.values):
                found = issue_jointly(asked.target, asked.values, create=operation.creates)
                return resource_response(issued(asked, found, dialect))
        actor, center = calling_actor(), the_center()
        asked = read()
        return written(
            answer_once(
                actor, lambda tx: orjson.dumps(operation.run(center, tx, actor, asked, dialect))
            )
        )

    return answer


def _queried(operation: Operation) -> Callable[[], Response]:
    def answer() -> Response:
        actor, center = calling_actor(), the_center()
        asked = asked_in_query(dict(request.args.lists()), operation.takes)
        if not (asked.is_probe and operation.right is Right.LOOKUP):
            require_identifiers_allowed()
        dialect = _dialect_of(asked)
        return resource_response(write(lambda tx: operation.run(center, tx, actor, asked, dialect)))

    return answer


def _dialect_of(asked: Asked) -> Dialect:
    return Dialect.NAMED if asked.by_domain else Dialect.PRESENT


def _register() -> None:
    for operation in OPERATIONS:
        for number, name in enumerate(operation.names):
            endpoint = operation.endpoint if number == 0 else name.replace("-", "_")
            gpas.add_url_rule(f"/${name}", endpoint, _posted(operation, name), methods=["POST"])
            if operation.endpoint in _QUERIED:
                gpas.add_url_rule(
                    f"/${name}", f"{endpoint}_by_url", _queried(operation), methods=["GET"]
                )
    known = {f"${name}": ["POST"] for one in OPERATIONS for name in one.names}
    register_fhir(
        gpas,
        known={**known, f"${SECONDARY}": ["POST"], f"${PAIRS}": ["POST"], "metadata": ["GET"]},
        own=((DeletionNotAllowed, 500),),
    )


_register()
