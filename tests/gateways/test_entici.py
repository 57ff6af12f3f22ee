"""The entici door: one identifier, whose system names the domain; a project has pseudonyms of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import make_center, make_domain, make_http, make_key
from tests.gateways.clients import string

SYSTEM = "https://diz.example/fhir/sid/patient-id"
CANARY = "Kanarienvogel-4711"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder: Path = tmp_path_factory.mktemp("center")
    center = make_center(folder)
    make_domain(center, "psn", aliases=(SYSTEM,))
    make_domain(center, "study", aliases=(f"{SYSTEM}|heart",))
    make_domain(center, "foreign")
    found = make_http(center)
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {make_key(center, 'psn', 'study')}"
    return found


def identifier(value: str, system: str = SYSTEM) -> dict[str, Any]:
    return {"name": "identifier", "valueIdentifier": {"system": system, "value": value}}


KIND = {"name": "resourceType", "valueCode": "Patient"}


def ask(http: FlaskClient, *entries: dict[str, Any]) -> Any:
    body = {"resourceType": "Parameters", "parameter": list(entries)}
    answer = http.post(
        "/entici/fhir/$pseudonymize", json=body, content_type="application/fhir+json"
    )
    return answer.status_code, answer.get_json() or {}, answer.text


def pseudonym(told: Any) -> str:
    (one,) = [one for one in told["parameter"] if one["name"] == "pseudonym"]
    return str(one["valueIdentifier"]["value"])


def test_an_identifier_has_one_pseudonym_whatever_it_is_of(http: FlaskClient) -> None:
    _, first, _ = ask(http, identifier("17"), KIND)
    _, again, _ = ask(http, identifier("17", "psn"), string("resourceType", "Encounter"))
    assert pseudonym(first) == pseudonym(again)


def test_a_project_has_pseudonyms_of_its_own(http: FlaskClient) -> None:
    _, plain, _ = ask(http, identifier("17"), KIND)
    _, heart, _ = ask(http, identifier("17"), KIND, string("project", "heart"))
    assert pseudonym(plain) != pseudonym(heart)
    assert ask(http, identifier("17"), KIND, string("project", "lung"))[0] == 404


def test_older_clients_read_a_string(http: FlaskClient) -> None:
    target = {"name": "targetSystem", "valueUri": "urn:fdc:difuture.de:trustcenter.plain"}
    _, told, _ = ask(http, identifier("17"), KIND, target)
    (old,) = [one for one in told["parameter"] if one["name"] == "externalPsn"]
    assert old["valueString"] == pseudonym(told)


REFUSED: dict[str, tuple[tuple[dict[str, Any], ...], int]] = {
    "no identifier": ((KIND,), 400),
    "no system": (({"name": "identifier", "valueIdentifier": {"value": CANARY}}, KIND), 400),
    "no value": (({"name": "identifier", "valueIdentifier": {"system": SYSTEM}}, KIND), 400),
    "a string": ((string("identifier", CANARY), KIND), 400),
    "no resource type": ((identifier(CANARY),), 400),
    "control character": ((identifier(f"{CANARY}\x00"), KIND), 400),
    "unknown domain": ((identifier(CANARY, "nowhere"), KIND), 404),
    "domain of others": ((identifier(CANARY, "foreign"), KIND), 403),
}


@pytest.mark.parametrize("defect", sorted(REFUSED))
def test_a_request_is_refused_with_an_outcome(http: FlaskClient, defect: str) -> None:
    entries, expected = REFUSED[defect]
    status, told, text = ask(http, *entries)
    assert (status, told["resourceType"]) == (expected, "OperationOutcome")
    assert CANARY not in text
