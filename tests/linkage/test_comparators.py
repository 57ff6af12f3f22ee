"""Comparators: symmetric, complete, and each level where its definition puts it."""

import pytest
from hypothesis import given

from linkage.comparators import LEVELS, Level, compare, compare_fields, prepare
from tests.linkage.patients import Record, patients

ANNA: Record = {
    "given_name": "Anna",
    "surname": "Müller",
    "birth_date": "1980-03-04",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
    "kvnr": "A123456780",
}
SCENARIOS: dict[str, tuple[Record, dict[str, Level]]] = {
    "the same record": ({}, dict.fromkeys(LEVELS, Level.EQUAL)),
    "spelled another way": (
        {"surname": "MUELLER", "given_name": "Dr. Anna", "sex": "w"},
        dict.fromkeys(LEVELS, Level.EQUAL),
    ),
    "a second given name": ({"given_name": "Anna-Maria"}, {"given_name": Level.PARTIAL}),
    "parts in another order": ({"given_name": "Anna"}, {"given_name": Level.EQUAL}),
    "a double name after marriage": ({"surname": "Müller-Lang"}, {"surname": Level.PARTIAL}),
    "a typing error in the surname": ({"surname": "Mülller"}, {"surname": Level.CLOSE}),
    "an umlaut without dots": ({"surname": "Muller"}, {"surname": Level.CLOSE}),
    "another surname": (
        {"surname": "Schmidt"},
        {"surname": Level.DIFFERENT, "given_name": Level.EQUAL},
    ),
    "names exchanged": (
        {"given_name": "Müller", "surname": "Anna"},
        {"given_name": Level.SWAPPED, "surname": Level.SWAPPED},
    ),
    "names exchanged and mistyped": (
        {"given_name": "Mueler", "surname": "Anna"},
        {"given_name": Level.SWAPPED, "surname": Level.SWAPPED},
    ),
    "no given name": ({"given_name": None}, {"given_name": Level.MISSING, "surname": Level.EQUAL}),
    "a newborn without a name": ({"given_name": "Tochter"}, {"given_name": Level.MISSING}),
    "day and month exchanged": ({"birth_date": "1980-04-03"}, {"birth_date": Level.SWAPPED}),
    "one digit of the date wrong": ({"birth_date": "1980-03-05"}, {"birth_date": Level.CLOSE}),
    "two digits of the date exchanged": ({"birth_date": "1908-03-04"}, {"birth_date": Level.CLOSE}),
    "another year": ({"birth_date": "1963-03-04"}, {"birth_date": Level.WEAK}),
    "another date": ({"birth_date": "1963-12-24"}, {"birth_date": Level.DIFFERENT}),
    "an impossible date": ({"birth_date": "1980-02-30"}, {"birth_date": Level.MISSING}),
    "the other sex": ({"sex": "m"}, {"sex": Level.DIFFERENT}),
    "unknown sex": ({"sex": "unknown"}, {"sex": Level.MISSING}),
    "a postcode of the same town": ({"postcode": "04177"}, {"postcode": Level.CLOSE}),
    "a postcode with digits exchanged": ({"postcode": "40109"}, {"postcode": Level.CLOSE}),
    "a postcode of the region": ({"postcode": "04808"}, {"postcode": Level.WEAK}),
    "a postcode far away": ({"postcode": "80331"}, {"postcode": Level.DIFFERENT}),
    "the town with an addition": ({"city": "Leipzig (Stadt)"}, {"city": Level.PARTIAL}),
    "the town mistyped": ({"city": "Liepzig"}, {"city": Level.CLOSE}),
    "another town": ({"city": "Köln"}, {"city": Level.DIFFERENT}),
    "another insurance number": ({"kvnr": "B987654320"}, {"kvnr": Level.DIFFERENT}),
    "an invalid insurance number": ({"kvnr": "A123456789"}, {"kvnr": Level.MISSING}),
}


@pytest.mark.parametrize("story", SCENARIOS)
def test_a_story_reaches_its_levels(story: str) -> None:
    change, expected = SCENARIOS[story]
    levels = compare_fields(ANNA, ANNA | change)
    assert {field: levels[field] for field in expected} == expected


def test_twins_differ_in_the_given_name_alone() -> None:
    levels = compare_fields(ANNA, ANNA | {"given_name": "Sophie", "kvnr": "B987654320"})
    different = [field for field, level in levels.items() if level is Level.DIFFERENT]
    assert different == ["given_name", "kvnr"]


@given(patients(), patients())
def test_the_order_of_two_records_does_not_matter(first: Record, second: Record) -> None:
    assert compare_fields(first, second) == compare_fields(second, first)


@given(patients(), patients())
def test_every_field_gets_a_level_it_can_reach(first: Record, second: Record) -> None:
    levels = compare(prepare(first), prepare(second))
    assert list(levels) == list(LEVELS)
    assert all(level in LEVELS[field] for field, level in levels.items())


@given(patients())
def test_a_record_equals_itself_or_is_missing(record: Record) -> None:
    assert set(compare_fields(record, record).values()) <= {Level.EQUAL, Level.MISSING}
