"""The CapabilityStatement: what this FHIR endpoint can do (FHIR R4, section 5.2)."""

from __future__ import annotations

from typing import Any

from ttp.core.center import Center
from ttp.fhir.calls import Operation
from ttp.wire.negotiation import FHIR_JSON

Json = dict[str, Any]

FHIR_VERSION = "4.0.1"
GUIDE = "https://medizininformatik-initiative.de/fhir/fhir-pseudonymization"
_SINCE = "2026-11-22"
_DEFINITIONS = {
    Operation.PSEUDONYMIZE: "Pseudonymize",
    Operation.GET_PSEUDONYM: "GetPseudonym",
    Operation.PSEUDONYMIZE_MULTIPLE: "PseudonymizeMultiple",
    Operation.DE_PSEUDONYMIZE: "DePseudonymize",
    Operation.DELETE_PSEUDONYM: "DeletePseudonyms",
    Operation.ANONYMIZE_ORIGINAL: "AnonymizeOriginals",
}


def capability_statement(center: Center, *, version: str) -> Json:
    """The CapabilityStatement of this center's FHIR endpoint."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _SINCE,
        "kind": "instance",
        "software": {"name": "Treuhandstelle", "version": version},
        "implementation": {
            "description": f"Trust center {center.name}",
            "url": f"{center.public_url}/fhir",
        },
        "fhirVersion": FHIR_VERSION,
        "format": [FHIR_JSON, "json"],
        "implementationGuide": [f"{GUIDE}/ImplementationGuide/PseudonymizationIG"],
        "rest": [_rest()],
    }


def _rest() -> Json:
    return {
        "mode": "server",
        "security": {"description": "API key as Bearer token, or as password of HTTP Basic."},
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
        "operation": [
            {"name": operation.value, "definition": f"{GUIDE}/OperationDefinition/{name}"}
            for operation, name in _DEFINITIONS.items()
        ],
    }
