"""The entici gateway: one operation, ``$pseudonymize``, on one Identifier whose system names the domain.

With a project the domain is the one called ``system|project``: pseudonyms of one project are not those of another.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request

from ttp import __version__
from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.fhir_exchange import asked_resource, register_fhir, resource_response, written
from ttp.http.idempotency import answer_once
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.wire.capability_statement import capability_statement
from ttp.wire.parameters import (
    Parameter,
    Parameters,
    ResourceInvalid,
    expression_of,
    parameters,
    read_parameters,
)

Json = dict[str, Any]

entici = Blueprint("entici", __name__, url_prefix="/entici/fhir")

PSEUDONYMS = "urn:fdc:difuture.de:trustcenter.plain"
"""The system of answered Identifiers, as entici has it."""

_KINDS = frozenset({"valueCode", "valueString"})


@entici.get("/metadata")
def metadata() -> Response:
    """What this endpoint can do; needs no login."""
    center = the_center()
    statement = capability_statement(
        name=f"Trust center {center.name}, in the manner of entici",
        url=f"{center.public_url}{entici.url_prefix}",
        version=__version__,
        operations=["pseudonymize"],
        only=request.args.get("_elements"),
    )
    return resource_response(statement)


@entici.post("/$pseudonymize")
def pseudonymize() -> Response:
    """The pseudonym of one identifier, made if there is none."""
    actor, center = calling_actor(), the_center()
    given = read_parameters(asked_resource())
    domain, value = _asked(given)
    old = "targetSystem" in given.by_name
    return written(
        answer_once(
            actor, lambda tx: orjson.dumps(_answered(center, tx, actor, domain, value, old=old))
        )
    )


def _asked(given: Parameters) -> tuple[str, str]:
    """The domain and the value."""
    identifier = given.one("identifier")
    value = identifier.text
    system = identifier.value.get("system") if isinstance(identifier.value, dict) else None
    if not isinstance(system, str) or not system:
        raise _invalid("identifier", "needs a system, which names the domain")
    _require_text(given.one("resourceType"))
    project = given.optional("project")
    return (system if project is None else f"{system}|{_require_text(project)}"), value


def _require_text(given: Parameter) -> str:
    if given.element not in _KINDS or not isinstance(given.value, str) or not given.value:
        raise _invalid(given.name, "has to be a code or a string")
    return given.value


def _answered(
    center: Center, tx: Transaction, actor: Actor, domain: str, value: str, *, old: bool
) -> Json:
    """The pseudonym as Identifier; clients of old, who name a ``targetSystem``, read a string too."""
    (answer,) = issue_pseudonyms(center, tx, actor, domain_name=domain, originals=[value])
    if isinstance(answer, TTPError):
        raise answer
    held = {"use": "secondary", "system": PSEUDONYMS, "value": answer.pseudonym}
    told: list[Json] = [{"name": "pseudonym", "valueIdentifier": held}]
    if old:
        told.append({"name": "externalPsn", "valueString": answer.pseudonym})
    return parameters(*told)


def _invalid(name: str, complaint: str) -> ResourceInvalid:
    return ResourceInvalid(f"The parameter '{name}' {complaint}.", expression=expression_of(name))


register_fhir(entici, known={"$pseudonymize": ["POST"], "metadata": ["GET"]})
