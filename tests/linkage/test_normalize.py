"""Normalization: one spelling per name, at every site, for ever."""

import hashlib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.normalize import (
    Unreadable,
    fold,
    kvnr_check_digit,
    kvnr_is_valid,
    name_parts,
    normalize,
)
from linkage.schema import Kind
from tests.linkage.vectors import read

CASES = read("normalization/german-1.json")
WORDS = ["dr", "h", "c", "graf", "von", "zu", "nn", "x", "geb", "müller", "Ähm-Öh", "prof", "hc"]
ORNAMENTED = st.lists(
    st.sampled_from([*WORDS, "O'Neil", "baron", "med.", "und", "2", "ß"]) | st.text(max_size=6),
    max_size=7,
).map(" ".join)
"""Words full of titles and particles, in any order."""


@pytest.mark.parametrize(("kind", "value", "parts"), CASES)
def test_a_curated_case_holds(kind: str, value: str, parts: list[str]) -> None:
    assert list(normalize(value, kind=Kind(kind))) == parts


def test_there_are_enough_curated_cases() -> None:
    assert len(CASES) >= 60


def test_the_words_of_the_profile_never_change() -> None:
    """Another word would make encodings of different versions disagree: it needs a new profile."""
    words = resources.files("linkage").joinpath("data", "german-1.json").read_bytes()
    assert hashlib.sha256(words).hexdigest() == read("normalization/words.json")["sha256"]


@given(st.text() | ORNAMENTED)
def test_folding_twice_changes_nothing(value: str) -> None:
    assert fold(fold(value)) == fold(value)


@given(st.text() | ORNAMENTED)
def test_normalizing_a_name_twice_changes_nothing(value: str) -> None:
    parts = name_parts(value)
    assert name_parts(" ".join(parts)) == parts


@given(st.sampled_from(CASES))
def test_normalizing_any_kind_twice_changes_nothing(case: tuple[str, str, list[str]]) -> None:
    kind, value, _ = case
    parts = normalize(value, kind=Kind(kind))
    assert normalize(" ".join(parts), kind=Kind(kind)) == parts


@given(st.text())
def test_case_and_surrounding_blanks_do_not_count(value: str) -> None:
    assert fold(f"  {value.upper().lower()}\t") == fold(value.upper().lower())


@given(st.text(), st.sampled_from(list(Kind)))
def test_any_text_is_read_or_refused_by_code(value: str, kind: Kind) -> None:
    codes = set[str]()
    try:
        normalize(value, kind=kind)
    except Unreadable as error:
        codes.add(error.code)
    dates = {"date-not-iso", "date-impossible", "date-out-of-range"}
    assert codes <= dates | {"sex-unknown-code", "postcode-malformed", "number-malformed"}


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("date", "1980-02-30", "date-impossible"),
        ("date", "1980-13-01", "date-impossible"),
        ("date", "1980-00-00", "date-impossible"),
        ("date", "0000-01-01", "date-impossible"),
        ("date", "1680-01-01", "date-out-of-range"),
        ("date", "9999-12-31", "date-out-of-range"),
        ("date", "1.1.1980", "date-not-iso"),
        ("date", "80-01-01", "date-not-iso"),
        ("date", "1980-1-1", "date-not-iso"),
        ("date", "１９８０-01-01", "date-not-iso"),
        ("date", "1980-01-01T00:00", "date-not-iso"),
        ("sex", "q", "sex-unknown-code"),
        ("postcode", "Leipzig", "postcode-malformed"),
        ("postcode", "12345678901", "postcode-malformed"),
    ],
)
def test_an_unreadable_value_has_its_own_code(kind: str, value: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        normalize(value, kind=Kind(kind))
    assert refusal.value.code == code
    assert value not in str(refusal.value)


@given(st.sampled_from("ABCXYZ"), st.integers(0, 99_999_999))
def test_a_number_with_its_check_digit_is_valid_and_no_other(letter: str, number: int) -> None:
    stem = f"{letter}{number:08d}"
    valid = [digit for digit in range(10) if kvnr_is_valid(f"{stem}{digit}")]
    assert valid == [kvnr_check_digit(stem)]


@pytest.mark.parametrize("number", ["A000500015", "A123456780"])
def test_published_insurance_numbers_are_valid(number: str) -> None:
    assert kvnr_is_valid(number)


@given(st.integers(0, 99_999_999), st.integers(0, 7))
def test_a_wrong_digit_is_noticed(number: int, place: int) -> None:
    stem = f"K{number:08d}"
    whole = f"{stem}{kvnr_check_digit(stem)}"
    digit = whole[1 + place]
    wrong = f"{whole[: 1 + place]}{(int(digit) + 1) % 10}{whole[2 + place :]}"
    assert not kvnr_is_valid(wrong)


def test_verbatim_leaves_everything_but_dates_alone() -> None:
    assert normalize(" Dr. Müller", kind=Kind.SURNAME, profile="verbatim-1") == (" Dr. Müller",)
    assert normalize("1958-04-01", kind=Kind.DATE, profile="verbatim-1") == ("19580401",)
