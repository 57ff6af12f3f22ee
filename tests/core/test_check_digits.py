"""Check characters agree with published numbers of the standard and find what people mistype."""

from hypothesis import assume, given
from hypothesis import strategies as st

from keys.tokens import ALPHABETS
from ttp.core.check_digits import (
    check_character,
    has_valid_check_character,
    supports_check_character,
)

DIGITS = "0123456789"
LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

PUBLISHED = {
    "ISO/IEC 7064, MOD 11,10": ("0794", "5", DIGITS),
    "German tax number, specimen 1": ("8609574271", "9", DIGITS),
    "German tax number, specimen 2": ("4703689281", "6", DIGITS),
    "German tax number, specimen 3": ("6592997048", "9", DIGITS),
    "GRid of the music industry, MOD 37,36": ("A12425GABC1234002", "M", LETTERS),
}

alphabets = st.sampled_from([a.characters for a in ALPHABETS.values()] + [LETTERS, "AB"])


def test_published_numbers_carry_this_check_character() -> None:
    for source, (body, expected, alphabet) in PUBLISHED.items():
        assert check_character(body, alphabet) == expected, source


@given(st.data(), alphabets)
def test_what_was_completed_is_valid(data: st.DataObject, alphabet: str) -> None:
    body = data.draw(st.text(alphabet, min_size=1, max_size=40))
    assert has_valid_check_character(body + check_character(body, alphabet), alphabet)


@given(st.data(), alphabets)
def test_every_wrong_character_is_found(data: st.DataObject, alphabet: str) -> None:
    body = data.draw(st.text(alphabet, min_size=1, max_size=40))
    whole = body + check_character(body, alphabet)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from(alphabet))
    assume(wrong != whole[place])
    assert not has_valid_check_character(whole[:place] + wrong + whole[place + 1 :], alphabet)


def test_nearly_every_exchange_of_neighbors_is_found() -> None:
    """Of all pairs of different characters the standard lets at most one in n - 1 pass."""
    for alphabet in (DIGITS, ALPHABETS["base32"].characters):
        missed = total = 0
        for first in alphabet:
            for second in alphabet:
                if first == second:
                    continue
                whole = f"7{first}{second}" + check_character(f"7{first}{second}", alphabet)
                swapped = f"7{second}{first}{whole[-1]}"
                total += 1
                missed += has_valid_check_character(swapped, alphabet)
        assert missed / total <= 1 / (len(alphabet) - 1)


def test_strings_too_short_or_of_another_alphabet_are_not_valid() -> None:
    for text in ("", "5", "07a45", "07 45"):
        assert not has_valid_check_character(text, DIGITS)


def test_odd_alphabets_have_no_check_character() -> None:
    assert supports_check_character(DIGITS)
    assert not supports_check_character("abc")
