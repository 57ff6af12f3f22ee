"""NUL characters, which PostgreSQL cannot hold, are refused by name at every door, and concern nobody else."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from tests.fhir.interface import asked, bundle

NUL = "a\x00b"
FHIR = "application/fhir+json"
POSTED: dict[str, dict[str, Any]] = {
    "/api/v1/domains/a%00b/pseudonyms": {"originals": ["x"]},
    "/api/v1/domains/diz/translate": {"pseudonyms": ["x"], "into": NUL},
    "/api/v1/erasures": {"pairs": [{"domain": NUL, "original": "x"}]},
    "/api/v1/webhooks": {"url": "https://x.example/", "domains": [NUL]},
    "/api/v1/projects/a%00b/salts": {"originals": ["x"]},
    "/fhir/$pseudonymize": asked(NUL, "x"),
    "/ttp-fhir/fhir/gpas/$pseudonymizeAllowCreate": {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "target", "valueString": NUL},
            {"name": "original", "valueString": "x"},
        ],
    },
    "/v1/namespaces/a%00b/pseudonyms": {"originalValue": "x"},
    "/fts/a%00b/api/v2/rd/secure-mapping": {},
}
GOT = (
    "/api/v1/events?domain=a%00b",
    "/api/v1/domains?after=a%00b",
    "/api/v1/domains?text=a%00b",
    "/v1/namespaces/a%00b",
)


@pytest.fixture
def http(tmp_path: Path, database_url: str) -> FlaskClient:
    center = make_center(tmp_path, database_url)
    make_domain(center)
    http = make_http(center)
    http.environ_base["HTTP_AUTHORIZATION"] = bearer(make_key(center, "diz"))["Authorization"]
    return http


def test_names_with_nul_characters_are_no_fault_of_the_center(http: FlaskClient) -> None:
    answers = [(path, http.post(path, json=body)) for path, body in POSTED.items()]
    answers += [(path, http.get(path)) for path in GOT]
    failed = [path for path, answer in answers if answer.status_code >= 500]
    assert not failed
    statuses = {path: answer.status_code for path, answer in answers}
    assert statuses["/api/v1/domains/a%00b/pseudonyms"] == statuses["/fhir/$pseudonymize"] == 404


def test_an_entry_of_a_batch_with_a_nul_character_fails_alone(http: FlaskClient) -> None:
    body = bundle("batch", ("$pseudonymize", asked(NUL, "x")), ("$pseudonymize", asked("diz", "x")))
    answer = http.post("/fhir", json=body, headers={"Content-Type": FHIR}).get_json(force=True)
    statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
    assert statuses == ["404", "201"]
