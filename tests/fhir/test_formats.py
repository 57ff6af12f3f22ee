"""JSON and XML in and out: every answer comes in the format asked for, errors included."""

import uuid

import pytest

from tests.builders import bearer
from tests.fhir.interface import FHIR, Caller, asked, bundle, value
from ttp.wire.xml_reading import read_xml
from ttp.wire.xml_writing import write_xml

XML = "application/fhir+xml"


def fresh() -> str:
    return f"MRN-{uuid.uuid4().hex}"


def test_a_request_in_xml_is_answered_in_xml(caller: Caller) -> None:
    original = fresh()
    body = asked("single", original)
    answer = caller.http.post(
        "/fhir/$pseudonymize", data=write_xml(body), content_type=XML, headers=bearer(caller.key)
    )
    assert answer.mimetype == XML
    told = read_xml(answer.data)
    assert told["parameter"][:2] == body["parameter"]
    assert value(told) == value(caller.post("/$pseudonymize", body).get_json())


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_in_xml_is_the_bundle_in_json(caller: Caller, kind: str) -> None:
    body = bundle(kind, *[("$pseudonymize", asked("single", fresh())) for _ in range(3)])
    body["entry"][1]["resource"] = asked("single", "Müller & Söhne <\"'>")
    answer = caller.http.post(
        "/fhir", data=write_xml(body), content_type="text/xml", headers=bearer(caller.key)
    )
    again = caller.post("", body).get_json()
    told = read_xml(answer.data)["entry"]
    assert [one["resource"] for one in told] == [one["resource"] for one in again["entry"]]
    assert [one["fullUrl"] for one in told] == [one["fullUrl"] for one in body["entry"]]


def test_a_repeated_bundle_is_answered_again_in_either_format(caller: Caller) -> None:
    body = bundle("batch", ("$pseudonymize", asked("single", fresh())))
    headers = {"Idempotency-Key": fresh()}
    first = caller.post("", body, **headers)
    again = caller.post("", body, **headers, Accept=XML)
    assert read_xml(again.data) == first.get_json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.get_json()["entry"][0]["response"]["status"] == "201 Created"


ASKED = {
    "": FHIR,
    "application/xml": XML,
    "application/fhir+json;q=0.5, application/fhir+xml": XML,
    "text/html, application/xml;q=0.9, */*;q=0.8": XML,
    "application/fhir+xml;q=0, */*": FHIR,
    "application/json;q=much": FHIR,
}


@pytest.mark.parametrize("accept", ASKED)
def test_the_format_liked_best_is_given(caller: Caller, accept: str) -> None:
    headers = {"Accept": accept} if accept else {}
    for path in ("/metadata", "/OperationDefinition", "/nothing"):
        assert caller.http.get(f"/fhir{path}", headers=headers).mimetype == ASKED[accept]


def test_errors_are_told_in_xml_too(caller: Caller) -> None:
    for path, status in (("/$pseudonymize", 401), ("/nothing", 404), ("/metadata", 405)):
        answer = caller.http.post(f"/fhir{path}?_format=xml", data=b"", content_type=FHIR)
        assert (answer.status_code, answer.mimetype) == (status, XML)
        assert read_xml(answer.data)["issue"][0]["severity"] == "error"


def test_what_xml_cannot_hold_is_told_in_json(caller: Caller) -> None:
    body = asked("single", fresh())
    body["parameter"][1]["valueIdentifier"]["assigner"] = {"display": "a\x01b"}
    answer = caller.post("/$pseudonymize", body, Accept=XML)
    assert (answer.status_code, answer.mimetype) == (200, FHIR)
    assert answer.get_json()["parameter"][1] == body["parameter"][1]


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_compressed_bodies_are_not_read(caller: Caller, encoding: str) -> None:
    answer = caller.post("/$pseudonymize", {}, **{"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.get_json()["issue"][0]["code"] == "not-supported"
