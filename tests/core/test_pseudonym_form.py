"""What pseudonyms look like, and which originals and pseudonyms are acceptable at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.blind_index import IndexEpoch
from keys.tokens import ALPHABETS, Alphabet, draw
from ttp.core.check_digits import CheckMethod
from ttp.core.domains import Domain, DomainKind, PseudonymForm, alphabet_named
from ttp.core.errors import InvalidField, InvalidOriginal, InvalidPseudonym
from ttp.core.names import DomainName
from ttp.core.pseudonyms import MAXIMAL_ORIGINAL_BYTES, checked_original, checked_pseudonym

forms = st.builds(
    PseudonymForm,
    st.sampled_from([alphabet.characters for alphabet in ALPHABETS.values()]),
    st.integers(1, 64),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=32),
    st.just(CheckMethod.NONE),
)
texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=300)


def domain(form: PseudonymForm) -> Domain:
    name = DomainName("diz")
    return Domain(1, name, DomainKind.VALUE, False, form, False, None, IndexEpoch(1))


@given(forms)
def test_what_is_drawn_fits_its_form_and_no_shorter_or_longer_string_does(
    form: PseudonymForm,
) -> None:
    (token,) = draw(Alphabet(form.alphabet), form.length, 1)
    pseudonym = form.complete(token)
    assert checked_pseudonym(pseudonym, domain(form)) == pseudonym
    for other in (pseudonym[:-1], pseudonym + form.alphabet[0], f" {pseudonym}", ""):
        with pytest.raises(InvalidPseudonym):
            checked_pseudonym(other, domain(form))


SHAPES = st.sampled_from(
    [
        PseudonymForm("0123456789", 8),
        PseudonymForm("0123456789", 8, "P-", CheckMethod.VERHOEFF, "-Q"),
        PseudonymForm("0123456789", 8, check=CheckMethod.DAMM, delimiter="-", delimiter_every=4),
    ]
)


@given(SHAPES, st.lists(st.integers(0, 5), max_size=6))
def test_one_look_at_many_texts_judges_as_a_look_at_each(
    form: PseudonymForm, defects: list[int]
) -> None:
    drawn = form.draw(len(defects))
    texts = [_spoiled(one, defect) for one, defect in zip(drawn, defects, strict=True)]
    if texts:
        assert form.fits_all(texts) == all(map(form.fits, texts))


def _spoiled(text: str, defect: int) -> str:
    """A text as it is (0 to 2), or with another character, another end, or a digit from elsewhere."""
    return [
        text,
        text,
        text,
        f"{text[:3]}x{text[4:]}",
        f"{text[:-1]}x",
        f"{text[:4]}\u0663{text[5:]}",
    ][defect]


@given(st.integers(2, 64), st.integers(1, 10))
def test_capacity_counts_the_strings(size: int, length: int) -> None:
    characters = "".join(chr(33 + number) for number in range(size))
    assert PseudonymForm(characters, length).capacity == size**length


FORMS: dict[str, Any] = {
    "one character": ("a", 4, ""),
    "65 characters": ("".join(chr(33 + n) for n in range(65)), 4, ""),
    "a character twice": ("abca", 4, ""),
    "a space in the alphabet": ("ab ", 4, ""),
    "letters beyond ASCII": ("abcä", 4, ""),
    "length 0": ("ab", 0, ""),
    "length 256": ("ab", 256, ""),
    "negative length": ("ab", -1, ""),
    "long prefix": ("ab", 4, "p" * 33),
    "line break in the prefix": ("ab", 4, "p\n"),
    "umlaut in the prefix": ("ab", 4, "Ä"),
    "check character on an odd alphabet": ("abc", 4, "", CheckMethod.ISO7064),
}


@pytest.mark.parametrize("defect", FORMS)
def test_forms_that_cannot_be_drawn_are_refused(defect: str) -> None:
    with pytest.raises(InvalidField):
        PseudonymForm(*FORMS[defect])


def test_alphabets_have_names_or_are_their_characters() -> None:
    assert alphabet_named("hex") == "0123456789abcdef"
    assert alphabet_named("xyz") == "xyz"


@given(texts)
def test_an_original_is_taken_exactly_as_given(text: str) -> None:
    if len(text.encode()) <= MAXIMAL_ORIGINAL_BYTES:
        assert checked_original(text) == text


ORIGINALS: dict[str, object] = {
    "empty": "",
    "missing": None,
    "a number": 4711,
    "a truth value": True,
    "a list": ["x"],
    "bytes": b"x",
    "NUL": "a\x00b",
    "line break": "a\nb",
    "tab": "a\tb",
    "delete": "a\x7fb",
    "C1 control": "a\x85b",
    "half a surrogate": "a\ud800b",
    "one byte too long": "x" * (MAXIMAL_ORIGINAL_BYTES + 1),
    "too long only in UTF-8": "ä" * (MAXIMAL_ORIGINAL_BYTES // 2 + 1),
    "1 MB": "x" * 1_000_000,
}


@pytest.mark.parametrize("defect", ORIGINALS)
def test_a_bad_original_is_refused_without_being_repeated(defect: str) -> None:
    with pytest.raises(InvalidOriginal) as refused:
        checked_original(ORIGINALS[defect])
    assert str(ORIGINALS[defect])[:10] not in refused.value.detail or not ORIGINALS[defect]


def test_the_longest_original_is_accepted() -> None:
    assert checked_original("ä" * (MAXIMAL_ORIGINAL_BYTES // 2))
