"""The interface in force and its drafts, as clients in the field write them: each call is answered as it was asked."""

import json
import uuid
from typing import Any

import pytest

from tests.builders import bearer
from tests.fhir.interface import Caller, asked, bundle, value
from ttp.core.center import Center


def fresh() -> str:
    return f"MRN-{uuid.uuid4().hex}"


def text(name: str, held: str) -> dict[str, Any]:
    return {"name": name, "valueString": held}


def flag(name: str, *, held: bool) -> dict[str, Any]:
    return {"name": name, "valueBoolean": held}


def resource(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(entries)}


def element(answer: Any, name: str) -> Any:
    (found,) = [entry for entry in answer["parameter"] if entry["name"] == name]
    return found


def test_strings_are_answered_by_strings_and_the_name_of_the_draft(caller: Caller) -> None:
    original = fresh()
    body = resource(
        text("target", "single"), text("original", original), flag("allowCreate", held=True)
    )
    answer = caller.post("/$pseudonymize", body).get_json()
    assert answer["parameter"][:2] == body["parameter"][:2]
    pseudonym = element(answer, "pseudonym")["valueString"]
    assert value(caller.post("/$pseudonymize", asked("single", original)).get_json()) == pseudonym

    back = resource(text("target", "single"), text("pseudonym", pseudonym))
    (found,) = caller.post("/$de-pseudonymize", back).get_json()["parameter"]
    assert found == {
        "name": "original",
        "part": [text("target", "single"), text("value", original), text("pseudonym", pseudonym)],
    }


def test_who_does_not_allow_to_create_is_told_that_there_is_none(caller: Caller) -> None:
    original = fresh()
    body = resource(
        text("target", "single"), text("original", original), flag("allowCreate", held=False)
    )
    assert caller.post("/$pseudonymize", body).status_code == 404
    made = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    found = caller.post("/$pseudonymize", body).get_json()
    assert element(found, "pseudonym")["valueString"] == made


def test_a_string_for_the_domain_and_an_identifier_for_the_value_are_each_mirrored(
    caller: Caller,
) -> None:
    given = {"name": "original", "valueIdentifier": {"system": "urn:mrn", "value": fresh()}}
    count = {"name": "count", "valueInteger": 2}
    body = resource(text("target", "multi"), given, count)
    made = caller.post("/$pseudonymize-multiple", body).get_json()["parameter"]
    assert [[part["name"] for part in one["part"]] for one in made] == [
        ["target", "original", "value"]
    ] * 2
    assert all(one["part"][:2] == [text("target", "multi"), given] for one in made)
    assert all("valueIdentifier" in one["part"][2] for one in made)


def test_the_original_may_be_named_value_as_an_example_does(caller: Caller) -> None:
    given = {"name": "value", "valueIdentifier": {"value": fresh()}}
    answer = caller.post("/$pseudonymize", resource(text("target", "single"), given)).get_json()
    assert element(answer, "original") == {**given, "name": "original"}


def test_domain_and_pseudonym_folded_into_one_parameter_are_unfolded(caller: Caller) -> None:
    original = fresh()
    pseudonym = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    folded = {"name": "pseudonym", "part": [text("target", "single"), text("value", pseudonym)]}
    (found,) = caller.post("/$de-pseudonymize", resource(folded)).get_json()["parameter"]
    assert found["part"] == [
        text("target", "single"),
        text("value", original),
        text("pseudonym", pseudonym),
    ]


def test_one_bundle_holds_every_dialect_each_answered_in_its_own(caller: Caller) -> None:
    original = fresh()
    requests = [
        ("$pseudonymize", resource(text("target", "single"), text("original", original))),
        ("$pseudonymize", asked("single", original)),
    ]
    first, second = caller.post("", bundle("batch", *requests)).get_json()["entry"]
    drafted = element(first["resource"], "pseudonym")["valueString"]
    assert value(second["resource"]) == drafted
    assert [first["response"]["status"], second["response"]["status"]] == ["201 Created", "200 OK"]


def test_the_guides_batch_is_answered_in_its_statuses_and_places(caller: Caller) -> None:
    """A known, a new and an unknown domain; then deletion: done, unknown, forbidden."""
    known, gone = fresh(), fresh()
    caller.post("/$pseudonymize", asked("single", known))
    caller.post("/$pseudonymize", asked("deletable", gone))
    requests = [
        ("$pseudonymize", asked("single", known)),
        ("$pseudonymize", asked("single", fresh())),
        ("$pseudonymize", asked("pseudonym-domain-that-doesn't-exist", known)),
        ("$delete-pseudonym", asked("deletable", gone)),
        ("$delete-pseudonym", asked("deletable", "unknown-original")),
        ("$delete-pseudonym", asked("lasting", known)),
        ("$anonymize-original", asked("single", known)),
    ]
    entries = caller.post("", bundle("batch", *requests)).get_json()["entry"]
    told = [entry["resource"].get("issue", [{}])[0] for entry in entries]
    assert [entry["response"]["status"][:3] for entry in entries] == (
        ["200", "201", "404", "200", "404", "405", "200"]
    )
    assert [(one.get("severity"), one.get("code")) for one in told[2:]] == [
        ("error", "not-found"),
        ("information", "informational"),
        ("error", "not-found"),
        ("error", "not-supported"),
        ("information", "informational"),
    ]
    assert told[2]["diagnostics"] == "There is no domain of the name given as context."
    assert [one.get("expression") for one in told[2:6]] == [
        ["Parameters.parameter.where(name='context')"],
        None,
        ["Parameters.parameter.where(name='original')"],
        ["Parameters.parameter.where(name='context')"],
    ]
    codes = [one["details"]["coding"][0]["code"] for one in (told[3], told[6])]
    assert codes == ["MSG_DELETED", "MSG_UPDATED"]


URLS = {
    "$pseudonymize": "201",
    "/$pseudonymize": "201",
    "https://nord.example/fhir/$pseudonymize": "201",
    "http://10.0.0.7:8080/fhir/$pseudonymize": "201",
    "fhir/$pseudonymize": "201",
    "%24pseudonymize": "201",
    "pseudonymize": "404",
    "Patient/1/$pseudonymize": "404",
    "$pseudonymize/x": "404",
    "": "404",
}


@pytest.mark.parametrize("url", URLS)
def test_an_entry_names_its_operation_below_any_name_of_the_base(caller: Caller, url: str) -> None:
    (status,) = caller.statuses("batch", (url, asked("single", fresh())))
    assert status[:3] == URLS[url]


CLIENTS = {
    "of the interface in force": (
        b'{"resourceType":"Parameters","parameter":[{"name":"context","valueIdentifier":{"value":"single"}},'
        b'{"name":"original","valueIdentifier":{"value":"%s"}}]}'
    ),
    "of its draft": (
        b'{"resourceType":"Parameters","parameter":[{"name":"target","valueString":"single"},'
        b'{"name":"original","valueString":"%s"},{"name":"allowCreate","valueBoolean":true}]}'
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_bytes_of_a_pseudonymizer_are_answered_as_it_reads_them(
    center: Center, caller: Caller, client: str
) -> None:
    headers = {**bearer(caller.key), "Accept": "application/fhir+json", "User-Agent": "firely"}
    original = fresh().encode()
    answer = caller.http.post(
        "/fhir/$pseudonymize",
        data=CLIENTS[client] % original,
        content_type="application/fhir+json; charset=utf-8",
        headers=headers,
    )
    told = element(json.loads(answer.data), "pseudonym")
    pseudonym = told["valueString"] if "valueString" in told else told["valueIdentifier"]["value"]
    assert answer.status_code == 200
    back = (CLIENTS[client] % pseudonym.encode()).replace(b'"original"', b'"pseudonym"')
    found = caller.http.post(
        "/fhir/$de-pseudonymize", data=back, content_type="application/fhir+json", headers=headers
    )
    (parts,) = [
        one["part"] for one in json.loads(found.data)["parameter"] if one["name"] == "original"
    ]
    (held,) = [part for part in parts if part["name"] == "value"]
    assert original.decode() in (
        held.get("valueString"),
        held.get("valueIdentifier", {}).get("value"),
    )
