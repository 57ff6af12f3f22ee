"""Profiles german-2 and generic-1: a table of curated cases, and laws that hold for any text."""

import hashlib
from datetime import date
from importlib import resources
from typing import NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linkage.normalization.folding import fold_to_base, fold_umlauts
from linkage.normalization.scripts import romanized
from linkage.normalize import PROFILES, Unreadable, normalize
from linkage.schema import Kind
from tests.linkage.vectors import VECTORS, read

LETTERS = st.text(alphabet="aeouäöüßqlsxAEÄÖÜ -'.ø", max_size=14)
ANY = st.text(max_size=20) | LETTERS
PROFILE = st.sampled_from(["german-2", "generic-1"])
CODES = {"date-not-iso", "date-impossible", "date-out-of-range", "sex-unknown-code"}
CODES |= {"postcode-malformed", "number-malformed"}


class Case(NamedTuple):
    """One line of the table."""

    profile: str
    reason: str
    kind: Kind
    value: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.profile}, {self.reason}: {self.kind} {self.value!r}"


def table() -> list[Case]:
    """The cases of the table, in order."""
    cases, profile, reason = [], "", ""
    for line in (VECTORS / "normalization" / "cases.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            profile, reason = line.removeprefix("== ").split(": ")
        elif profile and line:
            kind, value, parts = (cell.strip() for cell in line.split("|"))
            read_parts = tuple(part.strip() for part in parts.split(",")) if parts else ()
            value = value.replace("\\u0308", "\u0308")
            cases.append(Case(profile, reason, Kind(kind), value, read_parts))
    return cases


CASES = table()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_curated_case_holds(case: Case) -> None:
    assert normalize(case.value, kind=case.kind, profile=case.profile) == case.parts


def test_the_curated_cases_are_many_and_different() -> None:
    assert len(CASES) >= 400
    assert len({(case.profile, case.kind, case.value) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("name", ["german-2", "places-2", "generic-1"])
def test_the_words_of_a_profile_never_change(name: str) -> None:
    """Another word would make encodings of different versions disagree: it needs a new profile."""
    words = resources.files("linkage").joinpath("data", f"{name}.json").read_bytes()
    assert hashlib.sha256(words).hexdigest() == read("normalization/words.json")[name]


@given(ANY)
@example("\N{GREEK SMALL LETTER ALPHA WITH PSILI}")
def test_folding_twice_changes_nothing(value: str) -> None:
    assert fold_umlauts(fold_umlauts(value)) == fold_umlauts(value)
    assert fold_to_base(fold_to_base(value)) == fold_to_base(value)


@given(ANY, PROFILE, st.sampled_from([Kind.SURNAME, Kind.CODE, Kind.NUMBER, Kind.DATE, Kind.SEX]))
def test_normalizing_twice_changes_nothing(value: str, profile: str, kind: Kind) -> None:
    try:
        parts = normalize(value, kind=kind, profile=profile)
    except Unreadable:
        assume(False)
    assert normalize(" ".join(parts), kind=kind, profile=profile) == parts


@given(ANY, st.sampled_from(sorted(PROFILES)), st.sampled_from(list(Kind)))
def test_any_text_is_read_or_refused_by_code(value: str, profile: str, kind: Kind) -> None:
    codes = set[str]()
    try:
        normalize(value, kind=kind, profile=profile)
    except Unreadable as refusal:
        codes.add(refusal.code)
    assert codes <= CODES


@given(st.text(alphabet="bcdfghjkmnprstvwz", min_size=1, max_size=4), st.sampled_from("äöü"))
def test_an_umlaut_inside_a_word_may_be_written_in_three_ways(word: str, umlaut: str) -> None:
    base = {"ä": "a", "ö": "o", "ü": "u"}[umlaut]
    spellings = [f"{word}{middle}{word}" for middle in (umlaut, f"{base}e", base)]
    assert len({normalize(one, kind=Kind.SURNAME, profile="german-2") for one in spellings}) == 1


@given(
    st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюяёієїґ" + "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ")
)
def test_cyrillic_and_greek_become_latin(word: str) -> None:
    assert romanized(word).isascii()


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_latin_letters_are_not_romanized(word: str) -> None:
    assert romanized(word) == word


@given(st.dates(min_value=date(1901, 1, 1), max_value=date(2150, 12, 31)))
def test_every_form_of_a_date_is_the_same_date(day: date) -> None:
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%Y-%m-%dT00:00:00Z"]
    assert (
        len({normalize(f"{day:{form}}", kind=Kind.DATE, profile="german-2") for form in forms}) == 1
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("04/01/1958", "date-not-iso"),
        ("1.4.58", "date-not-iso"),
        ("1958-04-1x", "date-not-iso"),
        ("April 1958", "date-not-iso"),
        ("30.02.1980", "date-impossible"),
        ("1958-00-01", "date-impossible"),
        ("13.1980.01", "date-not-iso"),
        ("1980-13", "date-impossible"),
        ("0001-05", "date-out-of-range"),
        ("1680", "date-out-of-range"),
    ],
)
def test_a_date_with_two_readings_or_none_is_refused(value: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        normalize(value, kind=Kind.DATE, profile="german-2")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("profile", "kind", "value", "text"),
    [
        ("epix-1", "surname", " Größmann ", "GROESSMANN"),
        ("epix-1", "given-name", "René", "RENE"),
        ("epix-1", "surname", "Łuk", "UK"),
        ("epix-1", "date", "1980-01-01", "19800101"),
        ("fttp-1", "surname", "Dr. Müller-Weiß", "MUELLERWEISS"),
        ("fttp-1", "given-name", "Dipl.Änne", "AENNE"),
        ("fttp-1", "sex", "M", "m"),
        ("verbatim-1", "number", " 013", "13"),
        ("verbatim-1", "number", "1.50", "1.50"),
    ],
)
def test_profiles_of_other_systems_do_what_those_do(
    profile: str, kind: str, value: str, text: str
) -> None:
    assert normalize(value, kind=Kind(kind), profile=profile) == (text,)
