"""What the CapabilityStatement and the OperationDefinitions announce is what the door does, parameter by parameter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fhir.interface import Caller, bundle, identifier, value
from tests.scale import scaled
from ttp.fhir.calls import Operation

DOMAIN = {
    Operation.PSEUDONYMIZE_MULTIPLE: "multi",
    Operation.DELETE_PSEUDONYM: "deletable",
}
Json = dict[str, Any]


def definitions(caller: Caller) -> dict[str, Json]:
    """The definitions behind every operation that the statement names, by code."""
    (rest,) = caller.http.get("/fhir/metadata").get_json()["rest"]
    found = {}
    for operation in rest["operation"]:
        search = caller.http.get(
            "/fhir/OperationDefinition", query_string={"base": operation["definition"]}
        )
        (entry,) = search.get_json()["entry"]
        found[operation["name"]] = entry["resource"]
    return found


def given_as_defined(caller: Caller, definition: Json, original: str) -> list[Json]:
    """One entry for each parameter that goes in, with a value that is known in its domain."""
    operation = Operation(definition["code"])
    domain = DOMAIN.get(operation, "single")
    known = known_in(caller, domain, original)
    values = {"context": domain, "original": original, "pseudonym": known}
    return [
        {"name": name, "valueInteger": 1}
        if one["type"] == "integer"
        else identifier(name, values[name])
        for one in definition["parameter"]
        if one["use"] == "in" and (name := one["name"])
    ]


def known_in(caller: Caller, domain: str, original: str) -> str:
    entries = [identifier("context", domain), identifier("original", original)]
    body = {"resourceType": "Parameters", "parameter": entries}
    if domain == "multi":
        return ""
    return value(caller.post("/$pseudonymize", body).get_json())


def require_as_defined(definition: Json, answer: Json) -> None:
    """Every parameter of the answer is announced, in its type, as often as announced."""
    gives = {one["name"]: one for one in definition["parameter"] if one["use"] == "out"}
    if set(gives) == {"return"}:
        assert answer["resourceType"] == gives["return"]["type"]
        return
    require_entries(gives, answer["parameter"])


def require_entries(gives: dict[str, Json], entries: list[Json]) -> None:
    names = [entry["name"] for entry in entries]
    assert set(names) <= gives.keys()
    for name, announced in gives.items():
        most = float("inf") if announced["max"] == "*" else int(announced["max"])
        assert announced["min"] <= names.count(name) <= most
    for entry in entries:
        announced = gives[entry["name"]]
        if "part" in announced:
            require_entries({one["name"]: one for one in announced["part"]}, entry["part"])
        else:
            assert f"value{announced['type']}" in entry


def test_all_six_operations_are_announced_with_a_definition(caller: Caller) -> None:
    assert definitions(caller).keys() == {operation.value for operation in Operation}


@pytest.mark.parametrize("operation", Operation)
def test_what_is_given_as_defined_is_answered_as_defined(
    caller: Caller, operation: Operation
) -> None:
    definition = definitions(caller)[operation.value]
    entries = given_as_defined(caller, definition, f"announced {operation.value}")
    body = {"resourceType": "Parameters", "parameter": entries}
    answer = caller.post(f"/${operation.value}", body)
    assert answer.status_code == 200, answer.data
    require_as_defined(definition, answer.get_json())


@pytest.mark.parametrize("operation", Operation)
def test_without_a_parameter_that_is_required_nothing_is_done_and_it_is_named(
    caller: Caller, operation: Operation
) -> None:
    definition = definitions(caller)[operation.value]
    entries = given_as_defined(caller, definition, f"incomplete {operation.value}")
    for left_out in entries:
        rest = [entry for entry in entries if entry is not left_out]
        answer = caller.post(
            f"/${operation.value}", {"resourceType": "Parameters", "parameter": rest}
        )
        issue = answer.get_json()["issue"][0]
        assert answer.status_code == 400
        assert left_out["name"] in str(issue)


@settings(max_examples=scaled(5))
@given(order=st.permutations(list(Operation)))
def test_every_interaction_that_is_announced_takes_every_operation(
    caller: Caller, order: list[Operation]
) -> None:
    (rest,) = caller.http.get("/fhir/metadata").get_json()["rest"]
    defined = definitions(caller)
    for kind in sorted(one["code"] for one in rest["interaction"]):
        requests = [
            (
                f"${operation.value}",
                {
                    "resourceType": "Parameters",
                    "parameter": given_as_defined(
                        caller, defined[operation.value], f"{kind} {place}"
                    ),
                },
            )
            for place, operation in enumerate(order)
        ]
        answer = caller.post("", bundle(kind, *requests)).get_json()
        assert answer["type"] == f"{kind}-response"
        for operation, entry in zip(order, answer["entry"], strict=True):
            assert entry["response"]["status"][:3] in {"200", "201"}, entry
            told = entry.get("resource") or entry["response"]["outcome"]
            require_as_defined(defined[operation.value], told)
