"""What the endpoint tells of itself has the structure of FHIR R4, in both formats, and needs no login."""

from typing import Any

import pytest

from tests.fhir.interface import Caller
from ttp.fhir.calls import Operation
from ttp.wire.xml_reading import read_xml
from ttp.wire.xml_writing import write_xml

BASE = "https://nord.example/fhir"
NEEDED: dict[str, set[str]] = {
    "CapabilityStatement": {"status", "date", "kind", "fhirVersion", "format", "rest"},
    "OperationDefinition": {"name", "status", "kind", "code", "system", "type", "instance"},
    "Bundle": {"type", "total"},
}
"""Elements that R4 demands (least cardinality 1), and what a searchset has."""


def checked(resource: Any) -> dict[str, Any]:
    """The resource, whose elements all have their place, type and cardinality: else it had no XML."""
    assert NEEDED[resource["resourceType"]] <= resource.keys()
    assert read_xml(write_xml(resource)) == resource
    return dict(resource)


@pytest.mark.parametrize(
    "more", ["", "?_elements=rest.operation", "?_summary=true", "?_pretty=true"]
)
def test_the_capability_statement_has_its_structure(caller: Caller, more: str) -> None:
    statement = checked(caller.http.get(f"/fhir/metadata{more}").get_json())
    (rest,) = statement["rest"]
    assert {"application/fhir+json", "application/fhir+xml"} <= set(statement["format"])
    assert rest["resource"][0]["type"] == "OperationDefinition"
    assert {one["name"] for one in rest["operation"]} == {one.value for one in Operation}
    assert read_xml(caller.http.get(f"/fhir/metadata{more or '?'}&_format=xml").data) == statement


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_defined_as_the_table_of_the_guide_says(
    caller: Caller, operation: Operation
) -> None:
    definition = checked(caller.http.get(f"/fhir/OperationDefinition/{operation.value}").get_json())
    taken = {
        one["name"]: (one["min"], one["max"])
        for one in definition["parameter"]
        if one["use"] == "in"
    }
    subject = "pseudonym" if operation is Operation.DE_PSEUDONYMIZE else "original"
    counted = {"count": (1, "1")} if operation is Operation.PSEUDONYMIZE_MULTIPLE else {}
    assert taken == {"context": (1, "1"), subject: (1, "1"), **counted}
    assert definition["url"] == f"{BASE}/OperationDefinition/{operation.value}"
    assert (definition["system"], definition["type"], definition["instance"]) == (
        True,
        False,
        False,
    )


GIVEN = {
    Operation.PSEUDONYMIZE: {"context": "0..1", "original": "0..1", "pseudonym": "1..1"},
    Operation.GET_PSEUDONYM: {"context": "0..1", "original": "0..1", "pseudonym": "1..1"},
    Operation.PSEUDONYMIZE_MULTIPLE: {"pseudonym": "1..*"},
    Operation.DE_PSEUDONYMIZE: {"original": "1..*"},
    Operation.DELETE_PSEUDONYM: {"return": "1..1"},
    Operation.ANONYMIZE_ORIGINAL: {"return": "1..1"},
}


@pytest.mark.parametrize("operation", Operation)
def test_answers_are_defined_as_the_table_of_the_guide_says(
    caller: Caller, operation: Operation
) -> None:
    definition = caller.http.get(f"/fhir/OperationDefinition/{operation.value}").get_json()
    given = [one for one in definition["parameter"] if one["use"] == "out"]
    assert {one["name"]: f"{one['min']}..{one['max']}" for one in given} == GIVEN[operation]
    assert all(("part" in one) is (one["max"] == "*") for one in given)


def test_the_definitions_are_listed_as_a_searchset(caller: Caller) -> None:
    listed = checked(caller.http.get("/fhir/OperationDefinition").get_json())
    assert (listed["type"], listed["total"]) == ("searchset", len(Operation))
    codes = [checked(entry["resource"])["code"] for entry in listed["entry"]]
    assert codes == [one.value for one in Operation]


SEARCHES = {
    "code=de-pseudonymize": 1,
    "name=Pseudonymize": 1,
    f"url={BASE}/OperationDefinition/get-pseudonym": 1,
    "_id=delete-pseudonym": 1,
    "code=nothing": 0,
    "_count=2&_summary=true&unheard=of": len(Operation),
}


@pytest.mark.parametrize("query", SEARCHES)
def test_a_search_finds_what_it_names(caller: Caller, query: str) -> None:
    found = checked(caller.http.get(f"/fhir/OperationDefinition?{query}").get_json())
    assert found["total"] == len(found.get("entry", [])) == SEARCHES[query]


def test_an_operation_nobody_knows_has_no_definition(caller: Caller) -> None:
    answer = caller.http.get("/fhir/OperationDefinition/nothing")
    assert answer.status_code == 404
    assert answer.get_json()["resourceType"] == "OperationOutcome"
