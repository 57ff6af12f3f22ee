"""Requests: for every route for programs one that only wants for authorization, made from the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.access.gateway_requests import gateway_body, gateway_query

GATEWAYS = ("gpas", "entici", "vfps", "vfps_fhir", "fts")
NOBODY = UUID(int=7)
FHIR = "application/fhir+json"
PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Musterfrau", "given": ["Erika"]}],
    "birthDate": "1964-08-12",
}


@dataclass(frozen=True)
class Request:
    """A request without credentials."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"

    def send(self, http: FlaskClient, **more: Any) -> TestResponse:
        """Send it, with credentials and the like."""
        return http.open(
            self.path,
            method=self.method,
            json=self.body,
            query_string=self.query or None,
            content_type=self.kind if self.body is not None else None,
            **more,
        )


def request_for(
    app: Flask, schema: Mapping[str, Any], rule: Rule, method: str, place: str
) -> Request:
    """A well-formed request to a route, about the domain or project of this name."""
    known: dict[str, Any] = {
        "domain": place,
        "project": place,
        "version": 1,
        "task": NOBODY,
        "approval_id": NOBODY,
        "case_id": NOBODY,
        "decision_id": NOBODY,
        "batch": NOBODY,
        "webhook": NOBODY,
        "name": "pseudonymize",
        "rest": "Patient",
        "namespace": place,
        "pseudonym": "A" * 16,
        "receiver": "site",
        "model": "own-1",
    }
    values = {name: known[name] for name in rule.arguments}
    with app.test_request_context():
        path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    if rule.endpoint.partition(".")[0] in GATEWAYS:
        query = gateway_query(rule.endpoint, place)
        return Request(method, path, gateway_body(rule.endpoint, place), query, FHIR)
    if rule.endpoint in ("fhir.bundle", "fhir.base"):
        empty = {"resourceType": "Bundle", "type": "batch", "entry": []}
        return Request(method, path, empty, kind=FHIR)
    if rule.endpoint == "identities.register_fhir":
        return Request(method, path, PATIENT, {"source": "kis"}, FHIR)
    described = schema["paths"].get(_bare(rule.rule), {}).get(method.lower(), {})
    query = {
        one["name"]: str(_sample(schema, one["schema"]))
        for one in described.get("parameters", ())
        if one["in"] == "query" and one.get("required")
    }
    content = described.get("requestBody", {}).get("content", {})
    body = _sample(schema, next(iter(content.values()))["schema"]) if content else None
    return Request(method, path, {} if body is None and method == "POST" else body, query)


def fhir_request(operation: str, place: str) -> Request:
    """One of the six operations on one value."""
    subject = "pseudonym" if operation == "de-pseudonymize" else "original"
    parameters: list[dict[str, Any]] = [
        {"name": "context", "valueIdentifier": {"value": place}},
        {"name": subject, "valueIdentifier": {"value": "A" * 16}},
    ]
    if operation == "pseudonymize-multiple":
        parameters.append({"name": "count", "valueInteger": 1})
    body = {"resourceType": "Parameters", "parameter": parameters}
    return Request("POST", f"/fhir/${operation}", body, kind=FHIR)


def _bare(rule: str) -> str:
    """The route as OpenAPI writes it."""
    parts = [part.rpartition(":")[2].rstrip(">").lstrip("<") for part in rule.split("/")]
    return "/".join(
        f"{{{part}}}" if raw.startswith("<") else part
        for raw, part in zip(rule.split("/"), parts, strict=True)
    )


def _sample(schema: Mapping[str, Any], wanted: Mapping[str, Any], *, name: str = "") -> Any:
    """The least value that a schema accepts; where a domain is named, one that exists."""
    if name == "domain":
        return "own"
    if "$ref" in wanted:
        kind = wanted["$ref"].rpartition("/")[2]
        return _sample(schema, schema["components"]["schemas"][kind])
    if "anyOf" in wanted:
        return _sample(schema, wanted["anyOf"][0])
    kind = wanted.get("type", "string")
    if kind == "object":
        properties = wanted.get("properties", {})
        required = wanted.get("required", ())
        return {name: _sample(schema, properties[name], name=name) for name in required}
    if kind == "array":
        return [_sample(schema, wanted.get("items", {}))]
    return _plain(wanted, kind)


def _plain(wanted: Mapping[str, Any], kind: str) -> Any:
    if "enum" in wanted:
        return wanted["enum"][0]
    if kind in {"integer", "number"}:
        return int(wanted.get("minimum", 1))
    if kind == "boolean":
        return False
    return str(NOBODY) if wanted.get("format") == "uuid" else "x"
