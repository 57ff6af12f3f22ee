"""Clear-text scores add up, explain themselves, and leave relatives to people."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.classify import Outcome
from linkage.comparators import LEVELS, Level, compare_fields
from linkage.explain import strongest
from linkage.refusals import ParametersInvalid
from linkage.score import FIELDS, load_parameters, outcome, parameters_from, place_level, score

Record = dict[str, str | None]

ANNA: Record = {
    "given_name": "Anna",
    "surname": "Grünwald",
    "birth_date": "1990-05-17",
    "sex": "f",
    "postcode": "04109",
    "city": "Leipzig",
}
PARAMETERS = load_parameters()

comparisons = st.fixed_dictionaries(
    {field: st.sampled_from(levels) for field, levels in LEVELS.items()}
)


def judged(first: Record, second: Record) -> Outcome:
    return outcome(score(compare_fields(first, second), PARAMETERS).total, PARAMETERS)


@given(levels=comparisons)
def test_the_total_is_the_sum_of_its_contributions(levels: dict[str, Level]) -> None:
    found = score(levels, PARAMETERS)
    assert found.total == pytest.approx(sum(part.weight for part in found.contributions))
    named = [part.field for part in found.contributions]
    assert set(FIELDS) <= set(named)
    assert len(strongest(found.contributions)) == len(named)


@pytest.mark.parametrize(
    ("what", "changes", "expected"),
    [
        ("the same record", {}, Outcome.MATCH),
        ("an umlaut written out", {"surname": "Gruenwald"}, Outcome.MATCH),
        ("a moved patient", {"postcode": "50667", "city": "Köln"}, Outcome.MATCH),
        ("a married patient", {"surname": "Brinkmann"}, Outcome.MATCH),
        ("names exchanged", {"given_name": "Grünwald", "surname": "Anna"}, Outcome.MATCH),
        ("a typing error in the date", {"birth_date": "1990-05-18"}, Outcome.MATCH),
        ("no address", {"postcode": None, "city": None}, Outcome.MATCH),
    ],
)
def test_one_person_recorded_differently_matches(
    what: str, changes: Record, expected: Outcome
) -> None:
    assert judged(ANNA, ANNA | changes) is expected, what


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("a twin brother", {"given_name": "Paul", "sex": "m"}),
        ("a twin sister", {"given_name": "Clara"}),
        ("a newborn without a name", {"given_name": None}),
        ("the mother", {"given_name": "Sabine", "birth_date": "1962-11-03"}),
        ("a namesake", {"birth_date": "1971-01-30", "postcode": "20095", "city": "Hamburg"}),
    ],
)
def test_other_persons_never_match_by_themselves(what: str, changes: Record) -> None:
    assert judged(ANNA, ANNA | changes) is not Outcome.MATCH, what


def test_an_equal_insurance_number_outweighs_the_household() -> None:
    number: Record = {"kvnr": "A123456780"}
    first, second = ANNA | number, ANNA | number | {"given_name": None}
    assert judged(first, second) is Outcome.MATCH


def test_the_weight_table_survives_json() -> None:
    assert parameters_from(json.loads(json.dumps(PARAMETERS.document()))) == PARAMETERS


def _with(field: str, level: str, bits: float) -> dict[str, dict[str, float]]:
    weights: Any = PARAMETERS.document()["weights"]
    return {**weights, field: {**weights[field], level: bits}}


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"version": 2},
        PARAMETERS.document() | {"weights": {}},
        PARAMETERS.document() | {"household": "much"},
        PARAMETERS.document() | {"match_at": -5.0},
        PARAMETERS.document() | {"match_at": float("nan")},
        PARAMETERS.document() | {"household": float("-inf")},
        PARAMETERS.document() | {"household": 10**400},
        {**PARAMETERS.document(), "weights": _with("sex", "equal", float("nan"))},
        PARAMETERS.document() | {"weights": {"sex": {"purple": 1.0}}},
    ],
)
def test_a_broken_weight_table_is_refused(document: object) -> None:
    with pytest.raises(ParametersInvalid):
        parameters_from(document)


def test_an_unknown_weight_table_is_refused() -> None:
    with pytest.raises(ParametersInvalid, match="none is named"):
        load_parameters("klingon")


@given(postcode=st.sampled_from(LEVELS["postcode"]), city=st.sampled_from(LEVELS["city"]))
def test_place_is_missing_only_when_both_parts_are(postcode: Level, city: Level) -> None:
    both = postcode is Level.MISSING and city is Level.MISSING
    assert (place_level(postcode, city) is Level.MISSING) == both
    assert place_level(postcode, city) in {Level.MISSING, *FIELDS["place"]}
