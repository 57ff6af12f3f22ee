"""Tokens: every word over the alphabet is equally likely, and nothing predicts the next one.

Characters come from the operating system's generator by rejection sampling: of the 256
byte values only the largest multiple of the alphabet's size is used, so no character is
favored.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from keys.errors import TokenSpaceInvalid

MAX_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Alphabet:
    """2 to 64 different printable ASCII characters without white space.

    Raises:
        TokenSpaceInvalid: anything else.
    """

    characters: str
    _table: bytes = field(init=False, repr=False, compare=False)
    _refused: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table, refused = _tables(self.characters)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_refused", refused)

    @property
    def size(self) -> int:
        """Number of characters."""
        return len(self.characters)

    def holds(self, text: str) -> bool:
        """Whether the text has characters of the alphabet only."""
        return not text.strip(self.characters) if text.isascii() else False

    def random_text(self, length: int) -> str:
        """Draw `length` independent, uniformly distributed characters."""
        share = 256 / (256 - len(self._refused))
        text = b""
        while len(text) < length:
            wanted = int((length - len(text)) * share) + 16
            text += os.urandom(wanted).translate(self._table, self._refused)
        return text[:length].decode("ascii")


@lru_cache(maxsize=256)
def _tables(characters: str) -> tuple[bytes, bytes]:
    """What each byte value stands for, and the byte values that are refused; kept, for alphabets are few."""
    if not 2 <= len(characters) <= 64:
        raise TokenSpaceInvalid("an alphabet has 2 to 64 characters")
    if len(set(characters)) != len(characters):
        raise TokenSpaceInvalid("an alphabet repeats no character")
    if any(not "!" <= character <= "~" for character in characters):
        raise TokenSpaceInvalid("an alphabet is printable ASCII without white space")
    size = len(characters)
    table = bytes(ord(characters[byte % size]) for byte in range(256))
    return table, bytes(range(256 - 256 % size, 256))


ALPHABETS: Mapping[str, Alphabet] = MappingProxyType(
    {
        "digits": Alphabet("0123456789"),
        "digits-x": Alphabet("0123456789X"),
        "digits-without-zero": Alphabet("123456789"),
        "hex": Alphabet("0123456789abcdef"),
        "base32": Alphabet("0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
        "symbol31": Alphabet("ACDEFGHJKLMNPQRTUWXYZ0123456789"),
        "symbol32": Alphabet("ACDEFGHJKLMNPQRTUVWXYZ0123456789"),
        "alphanumeric": Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    }
)
"""Named alphabets; `base32` is Crockford's: no I, L, O, U, so nothing is misread.

`digits-x`, `digits-without-zero`, `symbol31` and `symbol32` are those of gPAS, in its order, which check digits need;
`alphanumeric` is that of ISO/IEC 7064 MOD 37,36.
"""


def draw(alphabet: Alphabet, length: int, count: int) -> list[str]:
    """Draw `count` independent tokens of `length` characters; repeats are possible.

    Uniqueness is the database's constraint, not this function's: two draws collide with
    the probability the capacity gives.

    Raises:
        TokenSpaceInvalid: length outside 1..256 or a negative count.
    """
    if not 1 <= length <= MAX_LENGTH:
        raise TokenSpaceInvalid(f"a token has 1 to {MAX_LENGTH} characters")
    if count < 0:
        raise TokenSpaceInvalid("a count is not negative")
    text = alphabet.random_text(length * count)
    return [text[start : start + length] for start in range(0, length * count, length)]


def numbered(number: int, characters: str, length: int) -> str:
    """Write a number with these characters as digits, the highest first; what exceeds the length is cut off."""
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(characters))
        found.append(characters[digit])
    return "".join(reversed(found))


def capacity(alphabet: Alphabet, length: int) -> int:
    """Count the different tokens of this alphabet and length."""
    return int(alphabet.size**length)
