"""Merges over HTTP: by JSON and by Patient links; errors stand in their place, and no answer holds a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import bearer, make_center, make_http, make_key
from tests.hospital.saying import person_count, registered_as
from tests.services.patients import patient
from ttp.core.center import Center

URL = "/api/v1/identities"


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


@pytest.fixture
def http(center: Center) -> FlaskClient:
    client = make_http(center)
    client.environ_base["HTTP_AUTHORIZATION"] = bearer(make_key(center))["Authorization"]
    return client


def merge(http: FlaskClient, *merges: Any) -> list[Any]:
    response = http.post(f"{URL}/merges", json={"source": "kis", "merges": merges})
    assert response.status_code == 200, response.json
    results: list[Any] = response.get_json()["results"]
    return [one.get("outcome") or one["error"]["code"] for one in results]


def fhir(number: int, *links: tuple[str, str]) -> dict[str, Any]:
    record = patient(number)
    return {
        "resourceType": "Patient",
        "id": record["record_id"],
        "name": [{"family": record["surname"], "given": [record["given_name"]]}],
        "birthDate": record["birth_date"],
        "link": [{"type": kind, "other": {"reference": other}} for kind, other in links],
    }


def bundle(http: FlaskClient, *patients: dict[str, Any]) -> Any:
    entries = [{"fullUrl": f"urn:x:{one['id']}", "resource": one} for one in patients]
    document = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    response = http.post(f"{URL}/fhir?source=kis", json=document)
    assert response.status_code == 200, response.json
    return response.get_json()


def told(answer: Any) -> list[str]:
    return [one.get("outcome") or one["error"]["code"] for one in answer["merges"]]


BAD_MERGES = {
    "no object": ("r1", "invalid-field"),
    "no surviving record": ({"replaced": "r1"}, "invalid-field"),
    "a record that is a number": ({"replaced": 1, "surviving": "r2"}, "invalid-field"),
    "an unknown field": ({"replaced": "r1", "surviving": "r2", "x": 1}, "invalid-field"),
    "a time without offset": (
        {"replaced": "r1", "surviving": "r2", "at": "2026-11-01T00:00:00"},
        "invalid-field",
    ),
    "ended by a word": ({"replaced": "r1", "surviving": "r2", "ended": "yes"}, "invalid-field"),
    "itself": ({"replaced": "r1", "surviving": "r1"}, "same-record"),
    "the end of what nobody said": (
        {"replaced": "r1", "surviving": "r9", "ended": True},
        "unknown-survivor",
    ),
    "a survivor with bad data": (
        {"replaced": "r1", "surviving": "r9", "record": {"surname": "X", "birth_date": "1.1.50"}},
        "malformed-date",
    ),
}


def test_merges_are_answered_one_by_one(http: FlaskClient, center: Center) -> None:
    registered_as(center, patient(1), patient(2))
    items = [item for item, _ in BAD_MERGES.values()]
    codes = [code for _, code in BAD_MERGES.values()]
    good = {"replaced": "r1", "surviving": "r2", "at": "2026-11-01T00:00:00+01:00"}
    assert merge(http, *items, good, good) == [*codes, "joined", "known"]
    assert merge(http, good | {"ended": True, "at": None}) == ["parted"]


def test_messages_register_update_and_join(http: FlaskClient, center: Center) -> None:
    messages = [
        {"kind": "record", "record": patient(1), "at": "2026-11-01T08:00:00Z"},
        {"kind": "record", "record": {"record_id": "r1", "city": "Neustadt"}},
        {"kind": "record"},
        {"kind": "linked", "first": "r1", "second": "r2", "record": patient(2)},
        {"kind": "renamed", "first": "r1", "second": "r2"},
    ]
    response = http.post(f"{URL}/messages", json={"source": "kis", "messages": messages})
    results = response.get_json()["results"]
    words = [one.get("outcome") or one["error"]["code"] for one in results]
    assert words == ["new", "changed", "invalid-field", "joined", "invalid-field"]
    assert person_count(center) == 1


def test_a_patient_that_was_replaced_joins_the_other(http: FlaskClient, center: Center) -> None:
    answer = bundle(http, fhir(1, ("replaced-by", "Patient/r2")), fhir(2))
    assert told(answer) == ["joined"]
    assert person_count(center) == 1


def test_a_patient_that_replaces_another_joins_it(http: FlaskClient, center: Center) -> None:
    bundle(http, fhir(1))
    answer = bundle(http, fhir(2, ("replaces", "https://kis.example/fhir/Patient/r1/_history/3")))
    assert told(answer) == ["joined"]
    assert person_count(center) == 1


def test_links_inside_a_bundle_may_go_by_full_url(http: FlaskClient, center: Center) -> None:
    assert told(bundle(http, fhir(1, ("replaced-by", "urn:x:r2")), fhir(2))) == ["joined"]
    assert person_count(center) == 1


def test_a_patient_that_says_only_what_replaced_it_is_no_bad_record(
    http: FlaskClient, center: Center
) -> None:
    bundle(http, fhir(1), fhir(2))
    link = {"type": "replaced-by", "other": {"reference": "Patient/r2"}}
    answer = bundle(http, {"resourceType": "Patient", "id": "r1", "link": [link]})
    assert answer["results"] == []
    assert told(answer) == ["joined"]
    assert person_count(center) == 1


def test_a_link_that_is_gone_ends_its_merge_and_no_other(http: FlaskClient, center: Center) -> None:
    bundle(http, fhir(1, ("replaced-by", "Patient/r2")), fhir(2), fhir(3))
    merge(http, {"replaced": "r3", "surviving": "r2"})
    assert person_count(center) == 1
    bundle(http, fhir(1), fhir(3))
    assert person_count(center) == 2


def test_links_that_name_nobody_are_errors_in_their_place(http: FlaskClient) -> None:
    broken = fhir(1, ("replaced-by", "Group/r2"), ("seealso", "Patient/r2"))
    broken["link"].append({"type": "replaces", "other": {"display": "somebody"}})
    assert told(bundle(http, broken)) == ["invalid-field", "invalid-field"]
