"""Patients of all shapes become records; what a sender masked or cut is missing, never wrong."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.identifying_data import Identifier, IdentifyingData, InvalidRecord
from ttp.wire.patient import read_patient

TODAY = date(2026, 11, 22)
PID = {"system": "urn:pid", "value": "1"}
MASKED = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}
OWN_NAME = [
    {"url": "http://hl7.org/fhir/StructureDefinition/humanname-own-prefix", "valueString": "von"},
    {"url": "http://hl7.org/fhir/StructureDefinition/humanname-own-name", "valueString": "Aue"},
]


def read(**elements: Any) -> IdentifyingData:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [PID]} | elements
    return read_patient(patient, today=TODAY)


SHAPES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("only identifiers", {}, {}),
    ("official name before others",
     {"name": [{"use": "nickname", "family": "Bär"}, {"use": "official", "family": "Wolf", "given": ["Ida", "Eva"]}]},
     {"surname": "Wolf", "given_name": "Ida Eva"}),
    ("maiden name", {"name": [{"family": "Weber"}, {"use": "maiden", "family": "Wieck"}]},
     {"surname": "Weber", "birth_name": "Wieck"}),
    ("maiden name that is the name", {"name": [{"family": "Weber"}, {"use": "maiden", "family": "Weber"}]},
     {"surname": "Weber"}),
    ("name in parts", {"name": [{"_family": {"extension": OWN_NAME}}]}, {"surname": "von Aue"}),
    ("prefix and suffix", {"name": [{"family": "Wolf", "prefix": ["Dr."], "suffix": ["jun."]}]},
     {"surname": "Wolf"}),
    ("masked name", {"name": [{"_family": MASKED, "_given": [MASKED], "given": [None]}]}, {}),
    ("genders", {"gender": "other"}, {"sex": "d"}),
    ("unknown gender", {"gender": "unknown"}, {}),
    ("year of birth alone", {"birthDate": "1962"}, {}),
    ("masked birth date", {"_birthDate": MASKED}, {}),
    ("post box after home",
     {"address": [{"type": "postal", "postalCode": "10178", "city": "Berlin"},
                  {"type": "both", "postalCode": "10785", "city": "Berlin", "country": "DE"}]},
     {"postcode": "10785", "city": "Berlin"}),
    ("former address", {"address": [{"use": "old", "city": "Ulm"}, {"use": "home", "city": "Bonn"}]},
     {"city": "Bonn"}),
    ("two digits of a postcode", {"address": [{"postalCode": "10", "country": "DE", "_city": MASKED}]}, {}),
    ("foreign postcode", {"address": [{"postalCode": "1010", "country": "AT", "city": "Wien"}]},
     {"postcode": "1010", "city": "Wien"}),
    ("deceased", {"deceasedDateTime": "2024-02-22"}, {}),
    ("insurance number",
     {"identifier": [{"system": "http://fhir.de/sid/gkv/kvid-10", "value": "A123456780"}]},
     {"kvnr": "A123456780"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_sentence", "elements", "fields"), SHAPES, ids=[one[0] for one in SHAPES]
)
def test_shape(_sentence: str, elements: dict[str, Any], fields: dict[str, str]) -> None:
    assert read(**elements).fields == fields


def test_identifiers_without_system_or_value_are_passed_over() -> None:
    borne = [PID, {"value": "2"}, {"system": "urn:x"}, {"system": "urn:y", "_value": MASKED}]
    assert read(identifier=borne).identifiers == (Identifier("urn:pid", "1"),)


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"birthDate": "1999-02-31"}, "impossible-date"),
        ({"birthDate": "2999-01-01"}, "impossible-date"),
        ({"identifier": []}, "record-incomplete"),
        ({"name": "Wolf"}, "invalid-record"),
        ({"name": ["Wolf"]}, "invalid-record"),
        ({"name": [{"family": {"x": 1}}]}, "invalid-record"),
        ({"name": [{"family": "W\0lf"}]}, "control-character"),
        ({"name": [{"family": "x" * 1_000_000}]}, "value-too-long"),
        ({"id": 7}, "invalid-record"),
        ({"resourceType": "Person"}, "invalid-record"),
    ],
)
def test_a_bad_patient_has_a_named_defect(elements: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidRecord) as raised:
        read(**elements)
    assert raised.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
elements = st.dictionaries(
    st.sampled_from(["id", "identifier", "name", "address", "gender", "birthDate"]), json_values
)


@given(elements)
def test_nonsense_is_refused_or_read_but_never_breaks(patient: dict[str, Any]) -> None:
    try:
        read(**patient)
    except InvalidRecord:
        return


def test_how_somebody_is_reached_are_contacts() -> None:
    telecom = [
        {"system": "phone", "value": "+49 30 1234"},
        {"system": "email", "value": "ida@example.org"},
        {"system": "phone", "value": "030 99", "use": "old"},
        {"system": "pager", "value": "7"},
        {"system": "phone", "_value": MASKED},
    ]
    home = {"line": ["Anger 3", "Hinterhaus", None], "city": "Bonn", "postalCode": "53111"}
    found = read(
        telecom=telecom, address=[{"use": "old", "line": ["Weg 1"]}, {**home, "use": "home"}]
    )
    assert [(one.kind.value, one.value) for one in found.contacts] == [
        ("phone", "+49 30 1234"),
        ("email", "ida@example.org"),
        ("street", "Anger 3, Hinterhaus"),
    ]
    assert not read(address=[{"city": "Bonn"}]).contacts
