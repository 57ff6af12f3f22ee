"""A method of check digits: for every body of its length it gives the same number of further characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ttp.core.errors import InvalidField


class CheckDigits(Protocol):
    """Check digits for bodies of one length over one alphabet; a body may hold nothing else."""

    @property
    def count(self) -> int:
        """How many characters are added."""
        ...

    def of(self, body: str) -> str:
        """The ``count`` characters that belong to the body."""
        ...

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """Those of each body."""
        ...


class OneByOne:
    """What methods share that take a batch body by body."""

    count = 1

    def of(self, body: str) -> str:
        """The characters that belong to the body."""
        return self.of_many((body,))[0]

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """Those of each body."""
        return [self.of(body) for body in bodies]


class NoCheckDigits(OneByOne):
    """Nothing is added, and nothing is found."""

    count = 0

    def of_many(self, bodies: Sequence[str]) -> list[str]:
        """Nothing, for each."""
        return [""] * len(bodies)


def positions(alphabet: str) -> bytes:
    """A table for ``bytes.translate`` from the alphabet's characters to their places in it."""
    table = bytearray(256)
    for place, character in enumerate(alphabet):
        table[ord(character)] = place
    return bytes(table)


def require_ten(alphabet: str) -> None:
    """Pass if the alphabet has ten characters, as decimal methods need.

    Raises:
        InvalidField: otherwise.
    """
    if len(alphabet) != 10:
        raise InvalidField("These check digits need an alphabet with 10 characters.")
