"""Values that are known in part, or cannot be read: unknown agrees with nothing, and a refusal names no value."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import schema
from linkage.encode import Encoder
from linkage.encode.tokens import exact_value
from linkage.errors import RecordInvalid
from linkage.records import accept, table_of, validate
from linkage.schema import As, ExactPart, Kind

SECRET = b"a secret of 16 b"
DATES = {As.VALUE, As.FIRST, As.YEAR_MONTH, As.YEAR_DAY_MONTH_SET}


def taken(digits: str, take: As) -> str:
    return exact_value((digits,), ExactPart("birth_date", Kind.DATE, take))


@pytest.mark.parametrize(
    ("digits", "missing"),
    [("19580000", DATES), ("19580400", DATES - {As.YEAR_MONTH}), ("19580401", set())],
)
def test_what_needs_an_unknown_part_of_a_date_is_missing(digits: str, missing: set[As]) -> None:
    for take in DATES | {As.YEAR}:
        assert (taken(digits, take) == "") == (take in missing)


@given(st.dates())
def test_a_whole_date_enters_as_it_always_did(day: Any) -> None:
    digits = f"{day:%Y%m%d}".rjust(8, "0")
    year, month, number = digits[:4], digits[4:6], digits[6:]
    assert taken(digits, As.VALUE) == taken(digits, As.FIRST) == digits
    assert taken(digits, As.YEAR_MONTH) == year + month
    assert taken(digits, As.YEAR_DAY_MONTH_SET) == year + "".join(sorted((number, month)))


def test_eight_digits_that_are_no_date_keep_their_zeros() -> None:
    assert exact_value(("19580000",), ExactPart("number", Kind.CODE)) == "19580000"


def test_two_patients_of_one_year_share_no_token_of_a_month_nobody_knows() -> None:
    whole: dict[str, Any] = dict(schema.load("salted").document)
    part = {"column": "birth_date", "kind": "date", "as": "year-month"}
    exact = [*whole["exact"], {"name": "month", "parts": [part]}]
    chosen = schema.load(whole | {"name": "partly", "normalization": "german-2", "exact": exact})
    names = {"given_name": "Anna", "surname": "Kern", "sex": "f", "postcode": "", "city": ""}
    dates = ["1958", "1958", "04.1958", "1.4.1958"]
    rows = [
        names | {"record_id": str(place), "birth_date": date} for place, date in enumerate(dates)
    ]
    made = Encoder(chosen, secret=SECRET).encode(table_of("a", rows))
    assert (made.exact["month"] > 0).tolist() == [False, False, True, True]
    assert len(set(made.exact["month"][2:].tolist())) == 1
    assert not made.exact["g-ym"][:2].any()
    assert not made.exact["n1-ds"][:3].any()
    assert np.count_nonzero(made.exact["n-y"]) == 1, "one of those who share a year keeps it"


def with_number(name: str) -> schema.LinkageSchema:
    """A shipped schema, one field of which holds numbers that a profile leaves as they are."""
    document: dict[str, Any] = dict(schema.load(name).document)
    number = {"name": "weight", "kind": "number",
              "tokens": {"type": "numeric", "distance": 5, "resolution": 3}}  # fmt: skip
    if name == "salted":
        field = number | {"bits_per_field": 40}
        document["blocks"][0] = document["blocks"][0] | {
            "fields": [*document["blocks"][0]["fields"], field]
        }
    else:
        field = number | {"bits_per_token": 4}
        document["views"][0] = document["views"][0] | {
            "fields": [*document["views"][0]["fields"], field]
        }
    return schema.load(document | {"name": "numbers", "normalization": "verbatim-1"})


@pytest.mark.parametrize("name", ["salted", "views"])
@pytest.mark.parametrize("value", ["heavy", "nan", "inf", "1e400"])
def test_what_is_no_number_is_refused_with_its_row_in_every_layout(name: str, value: str) -> None:
    chosen = with_number(name)
    people = [
        dict.fromkeys(chosen.columns, "x") | {"record_id": str(place), "birth_date": "1958-04-01"}
        for place in range(3)
    ]
    for person, weight in zip(people, ["71", value, ""], strict=True):
        person["weight"] = weight
    table = table_of("a", people)
    with pytest.raises(RecordInvalid, match="row 3, weight: number-malformed") as refusal:
        Encoder(chosen, secret=SECRET).encode(table)
    assert value not in str(refusal.value)
    found = validate(table, chosen)
    assert [(one.row, one.column, one.code) for one in found] == [(3, "weight", "number-malformed")]
    Encoder(chosen, secret=SECRET).encode(accept(table.without_rows([3]), chosen))


@pytest.mark.parametrize("profile", ["german-1", "german-2", "verbatim-1"])
def test_half_a_character_is_refused_and_not_repeated(profile: str) -> None:
    document: dict[str, Any] = dict(schema.load("views").document)
    chosen = schema.load(document | {"name": "halves", "normalization": profile})
    person = dict.fromkeys(chosen.columns, "") | {"record_id": "1", "surname": "Kern\ud800"}
    with pytest.raises(RecordInvalid, match="row 2, surname: control-character") as refusal:
        Encoder(chosen, secret=SECRET).encode(table_of("a", [person]))
    assert "Kern" not in str(refusal.value)
    assert [one.code for one in validate(table_of("a", [person]), chosen)] == ["control-character"]


@pytest.mark.parametrize("name", ["salted", "views"])
def test_what_stands_for_a_missing_value_is_hashed_in_every_layout(name: str) -> None:
    document: dict[str, Any] = json.loads(json.dumps(schema.load(name).document))
    homes = document["blocks" if name == "salted" else "views"]
    field = homes[0]["fields"][0]
    kept = Encoder(schema.load(document | {"name": "kept"}), secret=SECRET)
    homes[0]["fields"][0] = field | {"missing_as": "nobody", "missing_if": "unbekannt"}
    filled = Encoder(schema.load(document | {"name": "filled"}), secret=SECRET)
    person = {"surname": "Kern", "birth_date": "1958-04-01", "sex": "f", "postcode": "04109",
              "city": "Leipzig", "given_name": "unbekannt"}  # fmt: skip
    at = "y-p.names" if name == "salted" else "nd"
    fill = [
        int(np.bitwise_count(one.encode_one(person).filters[at]).sum()) for one in (kept, filled)
    ]
    assert fill[0] < fill[1]


def test_what_reads_as_missing_need_be_no_date() -> None:
    document: dict[str, Any] = json.loads(json.dumps(schema.load("views").document))
    for view in document["views"]:
        for field in view["fields"]:
            if field["kind"] == "date":
                field |= {"missing_as": "19000101", "missing_if": "N/A"}
    chosen = schema.load(document | {"name": "sentinel"})
    person = dict.fromkeys(chosen.columns, "") | {"record_id": "1", "city": "Leipzig"}
    table = table_of("a", [person | {"birth_date": "N/A"}])
    made = Encoder(chosen, secret=SECRET).encode(accept(table, chosen))
    day = Encoder(chosen, secret=SECRET).encode_one(person | {"birth_date": "1900-01-01"})
    assert day.present["da"]
    assert np.array_equal(made.filters["da"][0], day.filters["da"])
