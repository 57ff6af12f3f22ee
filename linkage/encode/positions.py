"""What a hash family is to the encoder: a function from a token to the bits it sets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Positions = Callable[[str, int, int], Sequence[int]]
"""(token, number of bits to set, filter length) → positions."""


@dataclass(frozen=True, slots=True)
class KeyScope:
    """What a field's key is bound to besides the secret: project and schema fingerprint."""

    project: str
    schema: str
