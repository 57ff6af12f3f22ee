"""Tokens are drawn without bias, from the right characters, fast enough for bulk work."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import TokenSpaceInvalid
from keys.tokens import ALPHABETS, Alphabet, capacity, draw
from tests.scale import scaled

PRINTABLE = "".join(map(chr, range(33, 127)))
alphabets = st.lists(st.sampled_from(PRINTABLE), min_size=2, max_size=64, unique=True).map(
    lambda characters: Alphabet("".join(characters))
)


@given(alphabets, st.integers(1, 40), st.integers(0, 200))
def test_tokens_have_the_asked_number_length_and_characters(
    alphabet: Alphabet, length: int, count: int
) -> None:
    tokens = draw(alphabet, length, count)
    assert len(tokens) == count
    assert all(len(token) == length for token in tokens)
    assert set("".join(tokens)) <= set(alphabet.characters)


@pytest.mark.parametrize("size", [2, 3, 10, 31, 32, 33, 63, 64])
def test_no_character_is_favored(size: int) -> None:
    """Chi-square below its mean plus six standard deviations: one false alarm in 10⁸ runs."""
    drawn = scaled(200_000, least=50_000)
    counts = Counter("".join(draw(Alphabet(PRINTABLE[:size]), 1, drawn)))
    expected = drawn / size
    chi_square = sum(
        (counts[character] - expected) ** 2 / expected for character in PRINTABLE[:size]
    )
    freedom = size - 1
    assert chi_square < freedom + 6 * (2 * freedom) ** 0.5 + 10


@pytest.mark.parametrize("size", [3, 10, 33])
def test_neighbors_in_a_token_are_independent(size: int) -> None:
    alphabet = Alphabet(PRINTABLE[:size])
    drawn = scaled(100_000, least=50_000)
    counts = Counter(draw(alphabet, 2, drawn))
    pairs = size * size
    expected = drawn / pairs
    chi_square = sum(
        (counts[a + b] - expected) ** 2 / expected
        for a in alphabet.characters
        for b in alphabet.characters
    )
    assert chi_square < pairs + 6 * (2 * pairs) ** 0.5


def test_a_bulk_draw_repeats_no_token_of_80_bits() -> None:
    tokens = draw(ALPHABETS["base32"], 16, scaled(100_000))
    assert len(set(tokens)) == len(tokens)


@given(alphabets, st.integers(1, 20))
def test_capacity_counts_the_words(alphabet: Alphabet, length: int) -> None:
    assert capacity(alphabet, length) == len(alphabet.characters) ** length


def test_named_alphabets_hold_no_look_alikes() -> None:
    assert ALPHABETS["base32"].size == 32
    assert not set("ILOU") & set(ALPHABETS["base32"].characters)
    assert ALPHABETS["digits"].characters == "0123456789"
    assert ALPHABETS["hex"].size == 16


@pytest.mark.parametrize(
    "characters", ["", "a", "aa", "ab a", "ab\n", "abä", "ab\x7f", PRINTABLE[:65]]
)
def test_an_unfit_alphabet_is_refused(characters: str) -> None:
    with pytest.raises(TokenSpaceInvalid):
        Alphabet(characters)


@pytest.mark.parametrize(("length", "count"), [(0, 1), (-1, 1), (257, 1), (1, -1)])
def test_an_unfit_length_or_count_is_refused(length: int, count: int) -> None:
    with pytest.raises(TokenSpaceInvalid):
        draw(ALPHABETS["hex"], length, count)
