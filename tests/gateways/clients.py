"""Clients: how those in the field build a request and what they take out of an answer, as facts of their code.

* fts-next, trust center agent (``GpasClient``, ``EnticiClient``, ``VfpsClient``, ``TtpFhirGatewayUtil``)
* fhir-pseudonymizer (``GPasFhirClient`` in three versions, ``EnticiFhirClient``), a .NET FhirClient
* etl-processor (``GPasConnectionCheckService``)
"""

from __future__ import annotations

import base64
import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

FHIR = "application/fhir+json"
GPAS = "/ttp-fhir/fhir/gpas"
SYSTEM = "https://ths-greifswald.de/gpas"


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, and the body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Wire:
    """A connection to a served center; requests are written byte by byte, nothing is normalized on the way."""

    url: str
    name: str
    key: str

    def send(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request with HTTP Basic and read its answer."""
        parts = urlsplit(self.url)
        basic = base64.b64encode(f"{self.name}:{self.key}".encode()).decode()
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: Basic {basic}",
            "Connection: close",
            f"Content-Length: {len(body)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        with socket.create_connection((parts.hostname or "", parts.port or 80), 30) as link:
            link.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            received = b"".join(iter(lambda: link.recv(65536), b""))
        return _read(received)

    # fts-next

    def fts_metadata(self, base: str) -> list[str]:
        """The names that decide whether the agent takes the server for what it wants."""
        answer = self.send("GET", f"{base}/metadata?_elements=rest.operation", Accept=FHIR)
        assert answer.status == 200
        return [one["name"] for one in answer.json["rest"][0]["operation"]]

    def fts_pseudonyms(self, domain: str, originals: list[str]) -> Answer:
        """Up to a hundred originals in one call."""
        return self.fhir(f"{GPAS}/$pseudonymizeAllowCreate", *_named(domain, "original", originals))

    def fhir(self, path: str, *entries: dict[str, Any]) -> Answer:
        """A Parameters resource, as WebClient writes it."""
        body = json.dumps({"resourceType": "Parameters", "parameter": list(entries)})
        return self.send("POST", path, body.encode(), Content_Type=FHIR, Accept=FHIR)

    # fhir-pseudonymizer

    def firely(self, operation: str, *entries: dict[str, Any]) -> Answer:
        """A .NET FhirClient: its own media type parameters, and names escaped."""
        body = json.dumps(
            {"resourceType": "Parameters", "parameter": list(entries)}, separators=(",", ":")
        )
        return self.send(
            "POST",
            f"{GPAS}/${operation}",
            body.encode(),
            Content_Type=f"{FHIR}; charset=utf-8",
            Accept=f"{FHIR}; fhirVersion=4.0",
            User_Agent="firely-sdk-client/5.11.4",
        )

    def before_1_10_2(self, operation: str, domain: str, name: str, value: str) -> Answer:
        """Versions before 1.10.2 asked by URL."""
        query = f"domain={quote(domain, safe='')}&{name}={quote(value, safe='')}"
        return self.send("GET", f"{GPAS}/${operation}?{query}")

    # etl-processor

    def probe(self, domain: str) -> Answer:
        """Whether somebody is there; the question marks are not escaped."""
        return self.send(
            "GET",
            f"{GPAS}/$pseudonymize?target={domain}&original=???",
            Content_Type="application/json",
            Accept="application/json, application/*+json",
        )


def string(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "valueString": value}


def _named(domain: str, name: str, values: list[str]) -> list[dict[str, Any]]:
    return [string("target", domain), *(string(name, value) for value in values)]


def fts_reads(answer: Answer) -> dict[str, str]:
    """What fts-next takes out of an answer: every parameter has both parts."""
    assert answer.status == 200, answer.body
    pairs = {}
    for parameter in answer.json["parameter"]:
        parts = {part["name"]: part["valueIdentifier"]["value"] for part in parameter["part"]}
        pairs[parts["original"]] = parts["pseudonym"]
    return pairs


def first_part(answer: Answer, name: str) -> Any:
    """What fhir-pseudonymizer takes: the part of this name of the first parameter."""
    assert answer.status == 200, answer.body
    return next(one for one in answer.json["parameter"][0]["part"] if one["name"] == name)


def _read(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    return Answer(int(first.split()[1]), headers, body)
