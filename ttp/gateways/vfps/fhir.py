"""The FHIR door of Vfps: one operation, ``$create-pseudonym``, on one value."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from ttp import __version__
from ttp.gateways.vfps.pseudonyms import Told, create_pseudonym
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.fhir_exchange import asked_resource, register_fhir, resource_response, written
from ttp.http.idempotency import answer_once
from ttp.wire.capability_statement import capability_statement
from ttp.wire.parameters import parameters, read_parameters

vfps_fhir = Blueprint("vfps_fhir", __name__, url_prefix="/v1/fhir")

OPERATION = "create-pseudonym"


@vfps_fhir.get("/metadata")
def metadata() -> Response:
    """What this endpoint can do; needs no login."""
    center = the_center()
    statement = capability_statement(
        name=f"Trust center {center.name}, in the manner of Vfps",
        url=f"{center.public_url}{vfps_fhir.url_prefix}",
        version=__version__,
        operations=[OPERATION],
        only=request.args.get("_elements"),
    )
    return resource_response(statement)


@vfps_fhir.post(f"/${OPERATION}")
def create() -> Response:
    """The pseudonym of an original, made if there is none."""
    actor, center = calling_actor(), the_center()
    given = read_parameters(asked_resource())
    namespace, original = given.one("namespace").text, given.one("originalValue").text
    return written(
        answer_once(
            actor, lambda tx: _packed(create_pseudonym(center, tx, actor, namespace, original))
        )
    )


def _packed(told: Told) -> bytes:
    values = (
        ("namespace", told.namespace),
        ("originalValue", told.original),
        ("pseudonymValue", told.pseudonym),
    )
    return orjson.dumps(
        parameters(*({"name": name, "valueString": value} for name, value in values))
    )


register_fhir(vfps_fhir, known={f"${OPERATION}": ["POST"], "metadata": ["GET"]})
