"""Derived tokens: a keyed function of the original, equally likely over all words; who lacks the key learns nothing.

HMAC-SHA-512 in counter mode (NIST SP 800-108r1, 4.1) gives at least 128 bits more than a token holds; reduced modulo
the number of tokens, none is favored by more than 2⁻¹²⁸.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha512

from keys.tokens import numbered

_LABEL = b"ttp derived token\x00"
_SURPLUS_BITS = 128


def derived_tokens(
    secret: bytes, values: Sequence[bytes], characters: str, length: int
) -> list[str]:
    """The token of each value: ``length`` of these characters, the same for the same secret and value."""
    capacity = len(characters) ** length
    bits = capacity.bit_length() + _SURPLUS_BITS
    started = hmac.new(secret, _LABEL, sha512)
    blocks = -(-bits // 512)
    return [
        numbered(_number(started, value, blocks) % capacity, characters, length) for value in values
    ]


def _number(started: hmac.HMAC, value: bytes, blocks: int) -> int:
    stream = b""
    for block in range(1, blocks + 1):
        one = started.copy()
        one.update(block.to_bytes(4, "big") + value)
        stream += one.digest()
    return int.from_bytes(stream, "big")
