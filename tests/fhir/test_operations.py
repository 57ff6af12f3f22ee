"""The six operations on one value each."""

import uuid

import pytest

from tests.fhir.interface import Caller, asked, count, identifier, parts, reverse, value


def fresh() -> str:
    return f"MRN-{uuid.uuid4().hex}"


def test_asking_twice_yields_the_same_pseudonym(caller: Caller) -> None:
    original = fresh()
    first = caller.post("/$pseudonymize", asked("single", original))
    again = caller.post("/$pseudonymize", asked("single", original))
    assert (first.status_code, again.status_code) == (200, 200)
    assert value(first.get_json()) == value(again.get_json())


def test_context_and_original_are_repeated_exactly_as_given(caller: Caller) -> None:
    context = {**identifier("context", "single", "https://example.org/domains")}
    original = identifier("original", fresh(), "https://example.org/mrn")
    original["valueIdentifier"]["assigner"] = {"display": "Klinikum Süd"}
    body = {"resourceType": "Parameters", "parameter": [context, original]}
    answer = caller.post("/$pseudonymize", body).get_json()
    assert answer["parameter"][:2] == [context, original]
    assert answer["resourceType"] == "Parameters"


def test_a_domain_is_found_by_its_alias(caller: Caller) -> None:
    original = fresh()
    by_name = caller.post("/$pseudonymize", asked("single", original)).get_json()
    alias = caller.post("/$pseudonymize", asked("https://diz.example/fhir/sid/psn", original))
    assert value(alias.get_json()) == value(by_name)


def test_get_pseudonym_never_creates(caller: Caller) -> None:
    original = fresh()
    missing = caller.post("/$get-pseudonym", asked("single", original))
    assert missing.status_code == 404
    assert caller.post("/$get-pseudonym", asked("single", original)).status_code == 404
    made = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    assert value(caller.post("/$get-pseudonym", asked("single", original)).get_json()) == made


def test_what_was_pseudonymized_can_be_resolved(caller: Caller) -> None:
    original = fresh()
    pseudonym = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    found = caller.post("/$de-pseudonymize", reverse("single", pseudonym))
    assert found.status_code == 200
    assert parts(found.get_json(), "original", "value") == [original]
    assert parts(found.get_json(), "original", "pseudonym") == [pseudonym]


def test_multiple_creates_additional_ones_and_returns_only_these(caller: Caller) -> None:
    original = fresh()
    first = caller.post("/$pseudonymize-multiple", asked("multi", original, count(3))).get_json()
    second = caller.post("/$pseudonymize-multiple", asked("multi", original, count(2))).get_json()
    everything = caller.post("/$pseudonymize-multiple", asked("multi", original, count(0)))
    tokens = parts(first, "pseudonym", "value") + parts(second, "pseudonym", "value")
    assert len(set(tokens)) == 5
    assert parts(everything.get_json(), "pseudonym", "value") == tokens
    assert parts(first, "pseudonym", "original") == [original] * 3


def test_secondary_pseudonyms_can_be_resolved(caller: Caller) -> None:
    original = fresh()
    made = caller.post("/$pseudonymize-multiple", asked("multi", original, count(1))).get_json()
    (token,) = parts(made, "pseudonym", "value")
    found = caller.post("/$de-pseudonymize", reverse("multi", token)).get_json()
    assert parts(found, "original", "value") == [original]


def test_delete_and_anonymize_tell_success_by_the_codes_of_hl7(caller: Caller) -> None:
    for operation, domain, code in (
        ("/$delete-pseudonym", "deletable", "MSG_DELETED"),
        ("/$anonymize-original", "single", "MSG_UPDATED"),
    ):
        original = fresh()
        caller.post("/$pseudonymize", asked(domain, original))
        done = caller.post(operation, asked(domain, original))
        (issue,) = done.get_json()["issue"]
        assert done.status_code == 200
        assert (issue["severity"], issue["code"]) == ("information", "informational")
        assert issue["details"]["coding"][0]["code"] == code
        assert caller.post("/$get-pseudonym", asked(domain, original)).status_code == 404
        assert caller.post(operation, asked(domain, original)).status_code == 404


def test_an_anonymized_pseudonym_resolves_to_nothing(caller: Caller) -> None:
    original = fresh()
    pseudonym = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    caller.post("/$anonymize-original", asked("single", original))
    assert caller.post("/$de-pseudonymize", reverse("single", pseudonym)).status_code == 404
    renewed = value(caller.post("/$pseudonymize", asked("single", original)).get_json())
    assert renewed != pseudonym


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("/$pseudonymize", asked("multi", "x")),
        ("/$get-pseudonym", asked("multi", "x")),
        ("/$pseudonymize-multiple", asked("single", "x", count(1))),
    ],
)
def test_an_operation_for_the_other_kind_of_domain_says_which_is_right(
    caller: Caller, operation: str, body: object
) -> None:
    answer = caller.post(operation, body)
    (issue,) = answer.get_json()["issue"]
    assert answer.status_code == 400
    assert "use $pseudonymize" in issue["diagnostics"]
    assert issue["expression"] == ["Parameters.parameter.where(name='context')"]


def test_the_draft_of_the_interface_is_mirrored(caller: Caller) -> None:
    """Clients of the draft send strings, say ``target``, and may forbid to create."""

    def draft(original: str, *, create: bool) -> dict[str, object]:
        entries = [
            {"name": "target", "valueString": "single"},
            {"name": "original", "valueString": original},
            {"name": "allowCreate", "valueBoolean": create},
        ]
        return {"resourceType": "Parameters", "parameter": entries}

    original = fresh()
    assert caller.post("/$pseudonymize", draft(original, create=False)).status_code == 404
    made = caller.post("/$pseudonymize", draft(original, create=True)).get_json()
    target, repeated, pseudonym = made["parameter"]
    assert target == {"name": "target", "valueString": "single"}
    assert repeated == {"name": "original", "valueString": original}
    token = pseudonym["valueString"]
    reverse_draft = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "target", "valueString": "single"},
            {"name": "pseudonym", "valueString": token},
        ],
    }
    found = caller.post("/$de-pseudonymize", reverse_draft).get_json()["parameter"][0]["part"]
    assert {"name": "value", "valueString": original} in found


def test_a_repeated_key_gets_the_first_answer_again(caller: Caller) -> None:
    body = asked("multi", fresh(), count(2))
    headers = {"Idempotency-Key": fresh()}
    first = caller.post("/$pseudonymize-multiple", body, **headers)
    again = caller.post("/$pseudonymize-multiple", body, **headers)
    assert first.data == again.data
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.mimetype == "application/fhir+json"
