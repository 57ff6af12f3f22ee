"""Whatever arrives, the answer is FHIR and never an error of ours; what the router refuses is FHIR too."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyringUnreachable
from tests.builders import bearer
from tests.fhir.interface import FHIR, Caller, asked, bundle
from tests.wire.resources import resources
from ttp.core.errors import DatabaseBusy
from ttp.wire.xml_reading import read_xml
from ttp.wire.xml_writing import write_xml

NAMES = st.sampled_from(
    ["context", "target", "original", "pseudonym", "value", "count", "allowCreate"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=5)
    | st.just("single"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ELEMENTS = st.sampled_from(
    ["valueIdentifier", "valueString", "valueInteger", "valueBoolean", "part", "resource"]
)
PARAMETER = st.fixed_dictionaries(
    {"name": NAMES | JSON}, optional={"valueIdentifier": JSON}
) | st.tuples(NAMES, ELEMENTS, JSON | st.fixed_dictionaries({"value": JSON})).map(
    lambda held: {"name": held[0], held[1]: held[2]}
)
PARAMETERS = st.fixed_dictionaries(
    {
        "resourceType": st.just("Parameters"),
        "parameter": st.lists(PARAMETER | JSON, max_size=4) | JSON,
    }
)
OPERATIONS = st.sampled_from(
    ["$pseudonymize", "$pseudonymize-multiple", "$de-pseudonymize", "$x", ""]
)
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "fullUrl": JSON,
        "resource": PARAMETERS | JSON,
        "request": st.fixed_dictionaries(
            {"method": st.just("POST") | JSON, "url": OPERATIONS | JSON}
        )
        | JSON,
    },
)
BUNDLE = st.fixed_dictionaries(
    {"resourceType": st.just("Bundle"), "type": st.sampled_from(["batch", "transaction", "x"])},
    optional={"entry": st.lists(ENTRY | JSON, max_size=4) | JSON},
)


def _sent(caller: Caller, path: str, body: bytes, kind: str = FHIR) -> Any:
    answer = caller.http.post(
        f"/fhir{path}", data=body, content_type=kind, headers=bearer(caller.key)
    )
    assert answer.status_code < 500, (answer.status_code, body)
    return read_xml(answer.data) if answer.mimetype != FHIR else orjson.loads(answer.data)


@given(operation=OPERATIONS, document=PARAMETERS | JSON)
def test_parameters_of_any_kind_are_answered_in_fhir(
    caller: Caller, operation: str, document: Any
) -> None:
    body = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS) if _fits(document) else b"{}"
    assert _sent(caller, f"/{operation}", body)["resourceType"] in {
        "Parameters",
        "OperationOutcome",
    }


@given(document=BUNDLE)
def test_bundles_of_any_kind_are_answered_in_fhir(caller: Caller, document: Any) -> None:
    if _fits(document):
        answer = _sent(caller, "", orjson.dumps(document))
        assert answer["resourceType"] in {"Bundle", "OperationOutcome"}
        entries = document.get("entry")
        if answer["resourceType"] == "Bundle" and isinstance(entries, list):
            assert len(answer["entry"]) == len(entries)


@given(resource=resources(), path=st.sampled_from(["", "/$pseudonymize"]))
def test_resources_in_xml_of_any_kind_are_answered_in_fhir(
    caller: Caller, resource: dict[str, Any], path: str
) -> None:
    answer = _sent(caller, path, write_xml(resource), "application/fhir+xml")
    assert answer["resourceType"] in {"Bundle", "OperationOutcome"}


@given(junk=st.binary(max_size=60), kind=st.sampled_from([FHIR, "application/fhir+xml"]))
def test_junk_is_refused(caller: Caller, junk: bytes, kind: str) -> None:
    assert _sent(caller, "", junk, kind)["resourceType"] == "OperationOutcome"


def test_a_value_nested_too_deep_to_be_repeated_is_refused(caller: Caller) -> None:
    nested: dict[str, Any] = {}
    for _ in range(200):
        nested = {"extension": [nested]}
    body = asked("single", "x")
    body["parameter"][1]["valueIdentifier"]["assigner"] = nested
    answer = caller.post("/$pseudonymize", body)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == [
        "Parameters.parameter.where(name='original')"
    ]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "BREW"])
def test_methods_of_no_meaning_are_refused_in_fhir(caller: Caller, method: str) -> None:
    for path in ("", "/metadata", "/nothing/at/all"):
        answer = caller.http.open(f"/fhir{path}", method=method)
        assert answer.status_code == 405
        assert answer.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("error", [KeyringUnreachable("away"), DatabaseBusy()])
def test_what_is_away_is_told_as_worth_another_try(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr("ttp.fhir.running.issue_pseudonyms", away)
    monkeypatch.setattr("ttp.services.pseudonyms.issue_together.issue_pseudonyms", away)
    for path, body in (
        ("/$pseudonymize", asked("single", "x")),
        ("", bundle("batch", ("$pseudonymize", asked("single", "x")))),
    ):
        answer = caller.post(path, body)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.get_json()["issue"][0]["code"] in {"transient", "lock-error"}


def _fits(document: Any) -> bool:
    """Whether JSON for this client library: numbers of at most 64 bits, no halves of characters."""
    try:
        orjson.dumps(document)
    except TypeError:
        return False
    return True
