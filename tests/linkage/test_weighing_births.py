"""Births in the weights of registration: dates two errors apart, and children whose given name is missing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparators import prepare
from linkage.weighing import Agreement, Frequencies, load_model, model_from, weigh
from linkage.weighing.dates import date_agreement
from linkage.weighing.frequencies import ADULT
from tests.linkage.patients import Record

MODEL = load_model()
KLAUS: Record = {
    "given_name": "Klaus",
    "surname": "Hausmeier",
    "birth_date": "1965-10-30",
    "sex": "m",
    "postcode": "41747",
    "city": "Viersen",
}
NAMELESS: Record = KLAUS | {"given_name": None}
written = st.dates(date(1900, 1, 1), date(2030, 1, 1)).map("{:%Y%m%d}".format)


def total(first: Record, second: Record, *, newest: str) -> float:
    frequencies = Frequencies()
    frequencies.note(prepare({"birth_date": newest}))
    found = weigh(prepare(first), prepare(second), frequencies, MODEL)
    assert found is not None
    return found.total


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("19651030", "19651030", Agreement.EQUAL),
        ("19650310", "19651003", Agreement.SWAPPED),
        ("19651030", "19681030", Agreement.CLOSE),
        ("19651030", "19561030", Agreement.CLOSE),
        ("19651030", "19651007", Agreement.WEAK),
        ("19651030", "19650730", Agreement.WEAK),
        ("19651030", "19681007", Agreement.FAINT),
        ("19651009", "19680910", Agreement.FAINT),
        ("19651003", "19650318", Agreement.FAINT),
        ("19651030", "19781030", Agreement.FAINT),
        ("19651030", "19700722", Agreement.DIFFERENT),
        ("19651030", "19650722", Agreement.DIFFERENT),
        ("", "19651030", Agreement.MISSING),
    ],
)
def test_dates_agree_by_how_many_errors_lie_between_them(
    first: str, second: str, expected: Agreement
) -> None:
    assert date_agreement(first, second) is expected
    assert date_agreement(second, first) is expected


@given(first=written, second=written)
def test_the_agreement_of_dates_is_symmetric(first: str, second: str) -> None:
    assert date_agreement(first, second) is date_agreement(second, first)


def test_a_date_two_errors_apart_joins_where_a_siblings_date_does_not() -> None:
    mistyped = total(KLAUS, KLAUS | {"birth_date": "1968-10-07"}, newest="20260101")
    sibling = total(KLAUS, KLAUS | {"birth_date": "1970-07-22"}, newest="20260101")
    assert mistyped >= MODEL.match_at
    assert sibling < MODEL.possible_at + 3


def test_a_missing_given_name_is_asked_about_in_children_and_joins_in_adults() -> None:
    adult = total(KLAUS, NAMELESS, newest="20260101")
    child = total(KLAUS, NAMELESS, newest="19700101")
    assert adult >= MODEL.match_at > child >= MODEL.possible_at


@given(newest=written, age=st.integers(0, 100 * 366))
def test_an_age_counts_from_the_youngest_of_the_register(newest: str, age: int) -> None:
    frequencies = Frequencies()
    frequencies.note(prepare({"birth_date": newest}))
    day = date.fromisoformat(frequencies.newest) if frequencies.newest else date(2000, 1, 1)
    born = day - timedelta(days=age)
    if frequencies.newest and born.year >= 1850:
        assert frequencies.is_child(f"{born:%Y%m%d}", "") is (day.year - born.year < ADULT)


def test_somebody_born_on_no_known_day_may_be_a_child() -> None:
    assert Frequencies().is_child("", "")


def test_a_model_of_version_1_is_read_with_faint_dates_split_off_different_ones() -> None:
    document: dict[str, Any] = json.loads(json.dumps(MODEL.document())) | {"version": 1}
    for fields in document["classes"].values():
        fields["birth_date"]["different"] += fields["birth_date"].pop("faint")
    read = model_from(document)
    for name, fields in MODEL.classes.items():
        found = read.classes[name]["birth_date"]
        assert found == pytest.approx(dict(fields["birth_date"])), name
