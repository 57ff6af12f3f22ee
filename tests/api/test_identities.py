"""Registration over HTTP: JSON and FHIR, raced by eight clients; no answer holds a name or a person's ID."""

import json
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import bearer, make_center, make_http, make_key
from tests.scale import scaled
from tests.services.patients import UNLIKE, make_again, patient
from ttp.core.access import Role
from ttp.core.persons import LOCAL

URL = "/api/v1/identities"
FHIR = f"{URL}/fhir?source=kis"
TESTDATA = Path(__file__).parents[2].parent / "shared" / "data" / "mii_testdata"


@pytest.fixture
def http(tmp_path: Path) -> FlaskClient:
    center = make_center(tmp_path)
    client = make_http(center)
    client.environ_base["HTTP_AUTHORIZATION"] = bearer(make_key(center))["Authorization"]
    return client


def post(http: FlaskClient, *records: Any, **more: Any) -> Any:
    response = http.post(URL, json={"source": "kis", "records": records, **more})
    assert response.status_code == 200, response.json
    return response.get_json()["results"]


def test_eight_clients_registering_the_same_patients_make_each_person_once(
    tmp_path: Path, database_url: str
) -> None:
    center = make_center(tmp_path, database_url)
    key = make_key(center)
    others = [make_again(tmp_path / "nord", database_url) for _ in range(3)]
    apps = [make_http(one) for one in (center, *others)]
    patients = [patient(number) for number in range(scaled(1000, least=20, most=UNLIKE))]
    outcomes: list[str] = []

    def client(number: int) -> None:
        mine = list(patients)
        Random(number).shuffle(mine)
        for start in range(0, len(mine), 64):
            body = {"source": "kis", "records": mine[start : start + 64]}
            response = apps[number % 4].post(URL, json=body, headers=bearer(key))
            assert response.status_code == 200, response.json
            outcomes.extend(one["outcome"] for one in response.get_json()["results"])

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with center.work.begin(write=False) as tx:
        assert tx.identities.count(LOCAL) == (len(patients), len(patients))
    first = [outcome for outcome in outcomes if outcome != "known"]
    assert len(first) == len(patients)  # each made once, whoever came first
    assert set(first) <= {"new", "case"}  # among so many, some resemble each other
    assert outcomes.count("known") == 7 * len(patients)


def test_different_sources_racing_find_each_other(tmp_path: Path, database_url: str) -> None:
    center = make_center(tmp_path, database_url)
    key = make_key(center)
    apps = [make_http(one) for one in (center, make_again(tmp_path / "nord", database_url))]
    patients = [patient(number) for number in range(scaled(100, least=20))]

    def client(number: int) -> None:
        for start in range(0, len(patients), 25):
            body = {"source": f"s{number}", "records": patients[start : start + 25]}
            response = apps[number % 2].post(URL, json=body, headers=bearer(key))
            assert response.status_code == 200, response.json

    threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with center.work.begin(write=False) as tx:
        assert tx.identities.count(LOCAL) == (4 * len(patients), len(patients))


def test_an_answer_holds_outcomes_and_nothing_else(http: FlaskClient) -> None:
    assert post(http, patient(1)) == [{"record": "r1", "outcome": "new"}]
    assert post(http, patient(1)) == [{"record": "r1", "outcome": "known"}]


def test_errors_stand_in_their_place_without_values(http: FlaskClient) -> None:
    results = post(http, patient(1), patient(2, birth_date="1999-13-01"), "no record", 7)
    assert [one.get("outcome") or one["error"]["code"] for one in results] == [
        "new", "impossible-date", "invalid-record", "invalid-record",
    ]  # fmt: skip
    assert "1999-13-01" not in json.dumps(results)


def test_an_atomic_batch_is_refused_as_a_whole(http: FlaskClient) -> None:
    body = {"source": "kis", "records": [patient(1), {}], "atomic": True}
    response = http.post(URL, json=body)
    assert response.status_code == 422
    assert response.get_json()["errors"] == [{"position": 1, "code": "record-incomplete"}]
    assert post(http, patient(1))[0]["outcome"] == "new"


@pytest.mark.parametrize(
    "body",
    [
        {"records": []},
        {"source": "", "records": []},
        {"source": "kis", "records": {}},
        {"source": "kis", "records": [], "unknown": 1},
        {"source": 7, "records": []},
        [],
    ],
)
def test_a_malformed_request_is_refused(http: FlaskClient, body: Any) -> None:
    assert http.post(URL, json=body).status_code in {400, 422}


def test_only_those_who_may_register_do(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    http = make_http(center)
    body = {"source": "kis", "records": [patient(1)]}
    assert http.post(URL, json=body).status_code == 401
    auditor = bearer(make_key(center, name="audit", role=Role.AUDITOR, resolve=False))
    assert http.post(URL, json=body, headers=auditor).status_code == 403
    assert http.post(FHIR, data=b'{"resourceType":"Patient"}', headers=auditor).status_code == 403


def test_a_repeated_request_gets_the_same_answer(http: FlaskClient) -> None:
    body = {"source": "kis", "records": [patient(1)]}
    answers = [http.post(URL, json=body, headers={"Idempotency-Key": "k1"}).data for _ in range(2)]
    assert answers[0] == answers[1]
    assert b'"new"' in answers[1]


BUNDLE = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:1",
            "resource": {
                "resourceType": "Patient",
                "id": "p1",
                "name": [{"use": "official", "family": "Lehmann", "given": ["Anna"]}],
                "birthDate": "1984-03-07",
            },
        },
        {"resource": {"resourceType": "Condition", "code": {"text": "canary-diagnosis"}}},
        {
            "resource": {
                "resourceType": "Consent",
                "status": "active",
                "patient": {"reference": "urn:uuid:1"},
                "provision": {
                    "type": "deny",
                    "provision": [
                        {"type": "permit", "code": [{"coding": [{"system": "s", "code": "c1"}]}]}
                    ],
                },
            }
        },
        {"resource": {"resourceType": "Consent", "status": "draft"}},
        {"resource": {"resourceType": "Patient", "id": "p2", "birthDate": "1984-02-31"}},
    ],
}


def test_of_a_bundle_patients_and_consents_are_taken_and_nothing_else(
    http: FlaskClient, tmp_path: Path
) -> None:
    answer = http.post(FHIR, json=BUNDLE).get_json()
    assert answer["results"][0] == {"record": "p1", "outcome": "new"}
    assert answer["results"][1]["error"]["code"] == "impossible-date"
    assert answer["consents"][0] == {"recorded": 1}
    assert answer["consents"][1]["error"]["code"] == "consent-malformed"
    assert answer["ignored"] == 1
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"canary-diagnosis" not in stored


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"resourceType":"Observation"}', 400),
        (b'{"resourceType":"Bundle","entry":[{}]}', 400),
        (b'{"resourceType":"Bundle","entry":7}', 400),
    ],
)
def test_what_is_no_patient_and_no_bundle_is_refused(
    http: FlaskClient, body: bytes, status: int
) -> None:
    assert http.post(FHIR, data=body).status_code == status


@pytest.mark.skipif(not TESTDATA.is_dir(), reason="the published test data are not here")
def test_the_published_test_patients_of_the_mii_are_all_registered(http: FlaskClient) -> None:
    files = [file for file in sorted(TESTDATA.glob("*.json")) if "Consent" not in file.name]
    assert files
    for file in files:
        answer = http.post(FHIR, data=file.read_bytes()).get_json()
        assert all("outcome" in one for one in answer["results"]), file.name
        assert all(one.get("recorded") for one in answer["consents"]), file.name
