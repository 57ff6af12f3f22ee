"""Tokens: every word over the alphabet is equally likely, and nothing predicts the next one.

Characters come from the operating system's generator by rejection sampling: of the 256
byte values only the largest multiple of the alphabet's size is used, so no character is
favored.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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
        if not 2 <= len(self.characters) <= 64:
            raise TokenSpaceInvalid("an alphabet has 2 to 64 characters")
        if len(set(self.characters)) != len(self.characters):
            raise TokenSpaceInvalid("an alphabet repeats no character")
        if any(not "!" <= character <= "~" for character in self.characters):
            raise TokenSpaceInvalid("an alphabet is printable ASCII without white space")
        size = len(self.characters)
        usable = 256 - 256 % size
        table = bytes(ord(self.characters[byte % size]) for byte in range(256))
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_refused", bytes(range(usable, 256)))

    @property
    def size(self) -> int:
        """Number of characters."""
        return len(self.characters)

    def random_text(self, length: int) -> str:
        """Draw `length` independent, uniformly distributed characters."""
        share = 256 / (256 - len(self._refused))
        text = b""
        while len(text) < length:
            wanted = int((length - len(text)) * share) + 16
            text += os.urandom(wanted).translate(self._table, self._refused)
        return text[:length].decode("ascii")


ALPHABETS: Mapping[str, Alphabet] = MappingProxyType(
    {
        "digits": Alphabet("0123456789"),
        "hex": Alphabet("0123456789abcdef"),
        "base32": Alphabet("0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
    }
)
"""Named alphabets; `base32` is Crockford's: no I, L, O, U, so nothing is misread."""


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


def capacity(alphabet: Alphabet, length: int) -> int:
    """Count the different tokens of this alphabet and length."""
    return int(alphabet.size**length)
