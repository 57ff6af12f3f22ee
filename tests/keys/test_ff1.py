"""FF1 gives NIST's samples, and permutes the words of every alphabet and length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.derived_tokens import derived_tokens
from keys.errors import TokenSpaceInvalid
from keys.ff1 import FF1
from keys.tokens import ALPHABETS

K128 = "2B7E151628AED2A6ABF7158809CF4F3C"
K192 = K128 + "EF4359D8D580AA4F"
K256 = K192 + "7F036D6F04FC6A94"
DIGITS, ALPHANUMERIC = "0123456789", "0123456789abcdefghijklmnopqrstuvwxyz"
LONG_TWEAK, WORDS_TWEAK = "39383736353433323130", "3737373770717273373737"
WORD = "0123456789abcdefghi"
SAMPLES = {
    1: (K128, DIGITS, "", DIGITS, "2433477484"),
    2: (K128, DIGITS, LONG_TWEAK, DIGITS, "6124200773"),
    3: (K128, ALPHANUMERIC, WORDS_TWEAK, WORD, "a9tv40mll9kdu509eum"),
    4: (K192, DIGITS, "", DIGITS, "2830668132"),
    5: (K192, DIGITS, LONG_TWEAK, DIGITS, "2496655549"),
    6: (K192, ALPHANUMERIC, WORDS_TWEAK, WORD, "xbj3kv35jrawxv32ysr"),
    7: (K256, DIGITS, "", DIGITS, "6657667009"),
    8: (K256, DIGITS, LONG_TWEAK, DIGITS, "1001623463"),
    9: (K256, ALPHANUMERIC, WORDS_TWEAK, WORD, "xs8a0azh2avyalyzuwd"),
}
"""Sample, then key, alphabet, tweak, plaintext, ciphertext (NIST, FF1 samples to SP 800-38G)."""


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_published_samples_come_out(sample: int) -> None:
    key, characters, tweak, plain, expected = SAMPLES[sample]
    cipher = FF1(bytes.fromhex(key), characters, tweak=bytes.fromhex(tweak))
    assert cipher.encrypt(plain) == expected
    assert cipher.decrypt(expected) == plain


@given(
    st.sampled_from([one.characters for one in ALPHABETS.values()]),
    st.binary(max_size=40),
    st.data(),
)
def test_what_is_encrypted_keeps_its_form_and_comes_back(
    characters: str, tweak: bytes, data: st.DataObject
) -> None:
    text = data.draw(st.text(st.sampled_from(characters), min_size=7, max_size=80))
    cipher = FF1(bytes(32), characters, tweak=tweak)
    found = cipher.encrypt(text)
    assert len(found) == len(text)
    assert set(found) <= set(characters)
    assert cipher.decrypt(found) == text


def test_words_that_differ_stay_different() -> None:
    cipher = FF1(bytes(32), DIGITS)
    words = [f"{number:06}" for number in range(0, 1_000_000, 499)]
    assert len({cipher.encrypt(word) for word in words}) == len(words)


def test_fewer_than_a_million_words_are_refused() -> None:
    with pytest.raises(TokenSpaceInvalid):
        FF1(bytes(32), DIGITS).encrypt("12345")


@given(st.lists(st.binary(max_size=60), unique=True, max_size=20), st.integers(16, 200))
def test_derived_tokens_are_the_same_for_the_same_key_only(
    values: list[bytes], length: int
) -> None:
    characters = ALPHABETS["base32"].characters
    tokens = derived_tokens(b"a" * 32, values, characters, length)
    assert tokens == derived_tokens(b"a" * 32, values, characters, length)
    assert all(len(one) == length and set(one) <= set(characters) for one in tokens)
    assert len(set(tokens)) == len(values)
    assert not set(tokens) & set(derived_tokens(b"b" * 32, values, characters, length))
