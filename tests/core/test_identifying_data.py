"""A record is checked field by field; every defect has its code, and no error repeats a value."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.identifying_data import (
    FIELDS,
    Identifier,
    IdentifyingData,
    InvalidRecord,
    checked_record,
    from_content,
)

TODAY = date(2026, 11, 22)
WHOLE = {
    "record_id": "1",
    "given_name": "Zwetelina",
    "surname": "Grabowski",
    "birth_date": "1980-02-29",
}
PID = {"system": "urn:pid", "value": "4711"}

DEFECTS: list[tuple[str, dict[str, Any], str]] = [
    ("day that does not exist", {"birth_date": "1981-02-29"}, "impossible-date"),
    ("day in the future", {"birth_date": "2026-11-23"}, "impossible-date"),
    ("day long before anybody alive", {"birth_date": "1700-01-01"}, "impossible-date"),
    ("date in German order", {"birth_date": "29.02.1980"}, "malformed-date"),
    ("date with a time", {"birth_date": "1980-02-29T00:00:00Z"}, "malformed-date"),
    ("year as a number", {"birth_date": 1980}, "invalid-record"),
    ("unknown sex", {"sex": "yes"}, "unknown-sex"),
    ("postcode without a digit", {"postcode": "Leipzig"}, "malformed-postcode"),
    ("name of a megabyte", {"surname": "x" * 1_000_000}, "value-too-long"),
    ("NUL in a name", {"surname": "Gra\0bowski"}, "control-character"),
    ("line break in a name", {"given_name": "Zwe\ntelina"}, "control-character"),
    ("lone surrogate", {"city": "\ud800"}, "control-character"),
    ("unknown field", {"diagnosis": "C50.9"}, "invalid-record"),
    ("no birth date and no identifier", {"birth_date": ""}, "record-incomplete"),
    ("no surname and no identifier", {"surname": None}, "record-incomplete"),
    ("only blanks", {"surname": "   "}, "record-incomplete"),
    ("identifiers that are no list", {"identifiers": PID}, "invalid-identifier"),
    ("identifier without system", {"identifiers": [{"value": "4711"}]}, "invalid-identifier"),
    ("identifier with empty value", {"identifiers": [{**PID, "value": ""}]}, "invalid-identifier"),
    ("too many identifiers", {"identifiers": [PID] * 51}, "invalid-identifier"),
]


@pytest.mark.parametrize(("_sentence", "change", "code"), DEFECTS, ids=[one[0] for one in DEFECTS])
def test_a_defect_has_its_code_and_its_error_repeats_no_value(
    _sentence: str, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidRecord) as raised:
        checked_record(WHOLE | change, today=TODAY)
    assert raised.value.code == code
    for value in ["Grabowski", "Zwetelina", "4711", "C50.9", *map(str, change.values())]:
        assert not value.strip() or len(value) < 3 or value not in str(raised.value)


@pytest.mark.parametrize("value", [None, "text", 7, [], [WHOLE]])
def test_a_record_is_an_object(value: object) -> None:
    with pytest.raises(InvalidRecord):
        checked_record(value, today=TODAY)


@pytest.mark.parametrize(
    "record",
    [
        {"identifiers": [PID]},
        {"kvnr": "A123456780"},
        {"surname": "Yıldız", "birth_date": "2026-11-22"},
        WHOLE | {"sex": "divers", "postcode": "D-04109", "city": "Leipzig"},
    ],
)
def test_what_tells_a_person_suffices(record: dict[str, Any]) -> None:
    assert checked_record(record, today=TODAY).fields.keys() <= FIELDS.keys()


fields = st.dictionaries(st.sampled_from(list(FIELDS)), st.text(min_size=1, max_size=20))
identifiers = st.builds(Identifier, st.text(min_size=1), st.text(min_size=1))


@given(st.none() | st.text(min_size=1), fields, st.lists(identifiers, max_size=3))
def test_sealed_content_comes_back_and_does_not_depend_on_order(
    record_id: str | None, values: dict[str, str], borne: list[Identifier]
) -> None:
    data = IdentifyingData(record_id, values, tuple(borne))
    turned = IdentifyingData(record_id, dict(reversed(values.items())), tuple(reversed(borne)))
    if all(text.isprintable() for text in values.values()):
        assert data.content() == turned.content()
        assert from_content(data.content()).fields == values


@given(identifiers, identifiers)
def test_two_identifiers_share_no_key(first: Identifier, second: Identifier) -> None:
    assert (first.key() == second.key()) is (first == second)
