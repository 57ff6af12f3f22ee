"""The Consents that the Medical Informatics Initiative publishes as test data find their patients and permit use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import bearer, make_center, make_domain, make_http, make_key
from ttp.core.consent import permits
from ttp.core.persons import LOCAL

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "mii_testdata"
USE = "2.16.840.1.113883.3.1937.777.24.5.3.8"
PATIENTS = 10


def _bundle(kind: str, pattern: str) -> dict[str, Any]:
    numbers = range(1, PATIENTS + 1)
    resources = [json.loads((PUBLISHED / pattern.format(n)).read_bytes()) for n in numbers]
    assert {resource["resourceType"] for resource in resources} == {kind}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published test data are not beside it")
def test_consents_that_come_after_their_patients_permit_what_they_say_as_long_as_they_say(
    tmp_path: Path,
) -> None:
    center = make_center(tmp_path)
    make_domain(center)
    http, headers = make_http(center), bearer(make_key(center, "diz"))
    url = "/api/v1/identities/fhir?source=charite"
    patients = _bundle("Patient", "Patient-mii-exa-test-data-patient-{}.json")
    consents = _bundle("Consent", "Consent-mii-exa-test-data-patient-{}-consent-1.json")

    registered = http.post(url, json=patients, headers=headers).get_json()
    recorded = http.post(url, json=consents, headers=headers).get_json()

    assert not any("error" in result for result in registered["results"])
    counts = [result["recorded"] for result in recorded["consents"]]
    assert counts == [len(e["resource"]["provision"]["provision"]) for e in consents["entry"]]
    with center.work.begin(write=False) as tx:
        persons = sorted({row.person for row in tx.identities.all_versions(LOCAL)})
        statements = tx.consents.of(persons)
    permitting = [
        sum(
            permits(statements[person], [USE], datetime(year, 6, 1, tzinfo=UTC))
            for person in persons
        )
        for year in (2018, 2026, 2060)
    ]
    assert permitting == [0, 9, 0]  # one of ten was limited to ten days
