"""Check characters: one character that reveals a mistyped pseudonym (ISO/IEC 7064 hybrid system, MOD n+1,n).

For an alphabet of n characters (n even, so that 2 is invertible modulo n + 1) every substitution of one
character is found, and every exchange of two neighbors but those the standard names. MOD 11,10 and
MOD 37,36 of the standard are this system for n = 10 and n = 36.
"""

from __future__ import annotations

from ttp.core.errors import InvalidField


def supports_check_character(alphabet: str) -> bool:
    """Whether the hybrid system is defined for the alphabet: it has an even number of characters."""
    return len(alphabet) % 2 == 0


def check_character(body: str, alphabet: str) -> str:
    """The character that completes the body.

    Raises:
        InvalidField: the alphabet has an odd number of characters.
    """
    if not supports_check_character(alphabet):
        raise InvalidField("A check character needs an alphabet with an even number of characters.")
    size = len(alphabet)
    return alphabet[(size + 1 - _accumulate(body, alphabet)) % size]


def has_valid_check_character(text: str, alphabet: str) -> bool:
    """Whether the last character completes the others."""
    if len(text) < 2 or any(character not in alphabet for character in text):
        return False
    return text[-1] == check_character(text[:-1], alphabet)


def _accumulate(body: str, alphabet: str) -> int:
    size = len(alphabet)
    product = size
    for character in body:
        product = 2 * ((product + alphabet.index(character)) % size or size) % (size + 1)
    return product
