"""CapabilityStatement: what a FHIR endpoint can do, as clients ask for it before they use it (FHIR R4, 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ttp.wire.negotiation import FHIR_JSON, FHIR_XML

Json = dict[str, Any]

SINCE = "2026-11-22"
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


def capability_statement(
    *, name: str, url: str, version: str, operations: Sequence[str], only: str | None = None
) -> Json:
    """The statement of an endpoint with these operations.

    ``only`` is the parameter ``_elements``: with ``rest.operation`` the answer holds that and what has to be there.
    """
    rest = {
        "mode": "server",
        "operation": [
            {"name": one, "definition": f"{url}/OperationDefinition/{one}"} for one in operations
        ],
    }
    needed: Json = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": SINCE,
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, FHIR_XML, "json", "xml"],
    }
    implementation = {"description": name, "url": url}
    if only is not None:
        tagged = {"meta": {"tag": [_SUBSETTED]}, "implementation": implementation, "rest": [rest]}
        return {**needed, **tagged}
    security = {"description": "API key as Bearer token, or as password of HTTP Basic."}
    return {
        **needed,
        "software": {"name": "Treuhandstelle", "version": version},
        "implementation": implementation,
        "rest": [{**rest, "security": security}],
    }
