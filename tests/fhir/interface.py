"""A caller of the FHIR interface: writes Parameters and Bundles, reads answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import bearer

FHIR = "application/fhir+json"


def identifier(name: str, value: str, system: str | None = None) -> dict[str, Any]:
    held = {"value": value} if system is None else {"system": system, "value": value}
    return {"name": name, "valueIdentifier": held}


def asked(context: str, original: str, *more: dict[str, Any]) -> dict[str, Any]:
    entries = [identifier("context", context), identifier("original", original), *more]
    return {"resourceType": "Parameters", "parameter": entries}


def reverse(context: str, pseudonym: str) -> dict[str, Any]:
    entries = [identifier("context", context), identifier("pseudonym", pseudonym)]
    return {"resourceType": "Parameters", "parameter": entries}


def count(number: int) -> dict[str, Any]:
    return {"name": "count", "valueInteger": number}


def bundle(kind: str, *requests: tuple[str, Any]) -> dict[str, Any]:
    entries = [
        {
            "fullUrl": f"urn:uuid:{uuid.uuid4()}",
            "resource": resource,
            "request": {"method": "POST", "url": url},
        }
        for url, resource in requests
    ]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def value(resource: Any, name: str = "pseudonym") -> str:
    """The value of the one parameter of this name."""
    (found,) = [entry for entry in resource["parameter"] if entry["name"] == name]
    return str(found["valueIdentifier"]["value"])


def parts(resource: Any, name: str, part: str) -> list[str]:
    """The values of one part of all parameters of this name."""
    return [
        inner["valueIdentifier"]["value"]
        for entry in resource["parameter"]
        if entry["name"] == name
        for inner in entry["part"]
        if inner["name"] == part
    ]


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the interface with an API key."""

    http: FlaskClient
    key: str

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.http.post(
            f"/fhir{path}", json=body, content_type=FHIR, headers={**bearer(self.key), **headers}
        )

    def statuses(self, kind: str, *requests: tuple[str, Any]) -> list[str]:
        """The statuses of the entries of a Bundle."""
        answer = self.post("", bundle(kind, *requests)).get_json()
        return [entry["response"]["status"] for entry in answer["entry"]]
