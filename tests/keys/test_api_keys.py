"""API keys can be found by scanners, mistyped ones are no keys, and those of before count on."""

from __future__ import annotations

import re
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.api_keys import digest, generate, is_well_formed
from keys.errors import SecretTooShort

ALPHABET = ascii_lowercase + "234567"


def test_keys_are_drawn_anew_and_have_the_form_that_scanners_know() -> None:
    drawn = {generate() for _ in range(100)}
    assert len(drawn) == 100
    assert all(re.fullmatch("ttp_[a-z2-7]{39}", key) and is_well_formed(key) for key in drawn)


@given(st.integers(min_value=4, max_value=35), st.sampled_from(ALPHABET))
def test_one_wrong_character_makes_it_no_key(position: int, character: str) -> None:
    key = generate()
    wrong = key[:position] + character + key[position + 1 :]
    assert is_well_formed(wrong) == (wrong == key)


@pytest.mark.parametrize("text", ["", "ttp_", "ttp_" + "a" * 39, "ttp_" + "A" * 32, "x" * 43, "é"])
def test_what_has_another_form_is_no_key(text: str) -> None:
    assert not is_well_formed(text)


def test_a_key_made_before_there_was_a_checksum_is_one() -> None:
    assert is_well_formed("ttp_" + "abcdefgh" * 4)


def test_digests_depend_on_key_and_secret() -> None:
    key = generate()
    assert digest(b"1" * 32, key) != digest(b"2" * 32, key)
    with pytest.raises(SecretTooShort):
        digest(b"1" * 31, key)
