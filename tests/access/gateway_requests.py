"""Requests to gateways: for each of their routes one that only wants for authorization."""

from __future__ import annotations

from typing import Any

FHIR = "application/fhir+json"

_RESOLVING = ("gpas.dePseudonymize", "gpas.de_pseudonymize")


def gateway_body(endpoint: str, place: str) -> dict[str, Any] | None:
    """The body of a request to a route of a gateway; None where the route takes none."""
    identifier = {"name": "identifier", "valueIdentifier": {"system": place, "value": "A"}}
    kind = {"name": "resourceType", "valueCode": "Patient"}
    known = {
        "gpas.secondary": _parts("original", target=place, value="A", count="1"),
        "gpas.insert": _parts("pseudonym", target=place, original="A", value="A" * 16),
        "entici.pseudonymize": _parameters(identifier, kind),
        "vfps_fhir.create": _parameters(_string("namespace", place), _string("originalValue", "A")),
        "vfps.issue": {"originalValue": "A"},
        "vfps.make_namespace": {"name": "x"},
        "fts.transport_mapping": _mapping(),
        "fts.transport_mappings": {"requests": [_mapping()]},
        "fts.secure_mapping": {"transfer": "none"},
    }
    if endpoint in known or not endpoint.startswith("gpas."):
        return known.get(endpoint)
    if endpoint.endswith(("_by_url", "unknown", "metadata")):
        return None
    return _parameters(_string("target", place), _string(_subject(endpoint), "A" * 16))


def gateway_query(endpoint: str, place: str) -> dict[str, str]:
    """The query of a request to a route that is asked by URL; only the probe, which is no identifier."""
    if not endpoint.endswith("_by_url"):
        return {}
    return {"target": place, _subject(endpoint.removesuffix("_by_url")): "???"}


def _mapping() -> dict[str, Any]:
    return {
        "patientIdentifier": "A",
        "patientIdentifierSystem": "https://diz.example/pid",
        "idMappings": {"A.Patient:1": "a" * 21},
        "dateMappings": {},
        "tcaDomains": {"pseudonym": "own", "salt": "none", "dateShift": "none"},
        "maxDateShift": "P14D",
        "dateShiftPreserve": "NONE",
    }


def _subject(endpoint: str) -> str:
    return "pseudonym" if endpoint in _RESOLVING else "original"


def _string(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "valueString": value}


def _parts(name: str, **values: str) -> dict[str, Any]:
    return _parameters({"name": name, "part": [_string(*one) for one in values.items()]})


def _parameters(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(entries)}
