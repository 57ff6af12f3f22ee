"""Parameters are read strictly and repeated exactly."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.errors import MalformedBody
from ttp.wire.bundle import BundleType, EntryAnswer, answer_bundle, read_bundle
from ttp.wire.parameters import Parameter, ResourceInvalid, parameters, read_json, read_parameters

texts = st.text(min_size=1, max_size=20)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(name=texts, value=texts, more=st.dictionaries(st.sampled_from(["use", "period"]), texts))
def test_what_was_given_is_repeated_exactly(name: str, value: str, more: dict[str, str]) -> None:
    entry = {"name": name, "valueIdentifier": {"value": value, **more}}
    given_again = read_parameters(parameters(entry)).one(name)
    assert given_again.given() == entry
    assert given_again.text == value


@given(value=texts)
def test_an_answer_has_the_type_of_the_question(value: str) -> None:
    string = Parameter("original", "valueString", "x")
    identifier = Parameter("original", "valueIdentifier", {"value": "x"})
    assert string.like("pseudonym", value) == {"name": "pseudonym", "valueString": value}
    assert identifier.like("pseudonym", value)["valueIdentifier"] == {"value": value}


@given(document=json_values)
def test_any_json_is_read_or_refused_and_never_breaks_the_reader(document: Any) -> None:
    for candidate in (document, {"resourceType": "Parameters", "parameter": document}):
        try:
            read = read_parameters(candidate)
        except ResourceInvalid:
            continue
        assert all(isinstance(name, str) for name in read.by_name)


@given(entries=json_values)
def test_any_bundle_is_read_with_one_entry_for_each_or_refused(entries: Any) -> None:
    try:
        kind, read = read_bundle({"resourceType": "Bundle", "type": "batch", "entry": entries})
    except ResourceInvalid:
        assert not isinstance(entries, list)
        return
    assert kind is BundleType.BATCH
    assert len(read) == len(entries)


@given(body=st.binary(max_size=60))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(MalformedBody):
        assert isinstance(read_json(body), dict)


@pytest.mark.parametrize(
    ("status", "line"), [(200, "200 OK"), (201, "201 Created"), (405, "405 Method Not Allowed")]
)
def test_entries_are_answered_by_status_lines(status: int, line: str) -> None:
    answer = answer_bundle(BundleType.TRANSACTION, [EntryAnswer("urn:uuid:1", status, {})])
    assert answer["type"] == "transaction-response"
    assert answer["entry"][0]["response"]["status"] == line
    assert answer["entry"][0]["fullUrl"] == "urn:uuid:1"
