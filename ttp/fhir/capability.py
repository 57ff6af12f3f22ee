"""The CapabilityStatement: what this FHIR endpoint can do (FHIR R4, section 5.2)."""

from __future__ import annotations

from typing import Any

from ttp.core.center import Center
from ttp.fhir.calls import Operation
from ttp.fhir.definitions import GUIDE, PATH, PUBLISHED, canonical_of
from ttp.wire.negotiation import Format

Json = dict[str, Any]

FHIR_VERSION = "4.0.1"


def capability_statement(center: Center, *, version: str) -> Json:
    """The CapabilityStatement of this center's FHIR endpoint."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "Treuhandstelle", "version": version},
        "implementation": {
            "description": f"Trust center {center.name}",
            "url": f"{center.public_url}/fhir",
        },
        "fhirVersion": FHIR_VERSION,
        "format": [Format.JSON.value, Format.XML.value, "json", "xml"],
        "implementationGuide": [f"{GUIDE}/ImplementationGuide/PseudonymizationIG"],
        "rest": [_rest()],
    }


def _rest() -> Json:
    return {
        "mode": "server",
        "documentation": "Parameters and Bundles of them; resources of patients are refused.",
        "security": {"description": "API key as Bearer token, or as password of HTTP Basic."},
        "resource": [
            {"type": PATH, "interaction": [{"code": "read"}, {"code": "search-type"}]},
        ],
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
        "operation": [
            {"name": operation.value, "definition": canonical_of(operation)}
            for operation in Operation
        ],
    }
