"""The CapabilityStatement tells clients what they look for before they start."""

from tests.fhir.interface import FHIR, Caller
from ttp.fhir.calls import Operation


def test_the_statement_is_public_and_names_every_operation(caller: Caller) -> None:
    answer = caller.http.get("/fhir/metadata?_elements=rest.operation")
    statement = answer.get_json()
    (rest,) = statement["rest"]
    assert answer.mimetype == FHIR
    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["fhirVersion"] == "4.0.1"
    assert {"status", "date", "kind", "format"} <= statement.keys()
    assert {operation["name"] for operation in rest["operation"]} == {o.value for o in Operation}
    assert all("/OperationDefinition/" in o["definition"] for o in rest["operation"])
    assert {interaction["code"] for interaction in rest["interaction"]} == {"batch", "transaction"}
