"""Hash families: from a token to bit positions.

Without the key nothing tells which token set which bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.schema import ClkhashDouble, Field, LinkageSchema

Positions = Callable[[str, int, int], Sequence[int]]
"""(token, number of bits to set, filter length) → positions."""


@dataclass(frozen=True, slots=True)
class KeyScope:
    """What a field's key is bound to besides the secret: project and schema fingerprint."""

    project: str
    schema: str


def positions_for(
    field: Field, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
) -> Positions:
    """The hash family of the schema, keyed for one field."""
    if isinstance(schema.hash, ClkhashDouble):
        return clkhash_double(field, schema.hash, secret=secret)
    return keyed_random(token_key(field, secret=secret, scope=scope))


def token_key(field: Field, *, secret: bytes, scope: KeyScope) -> bytes:
    """Key of a field's key space in its filter.

    Another project, schema or filter has unrelated keys.
    """
    info = digests.joined("token key", scope.project, scope.schema, field.filter, field.key_space)
    return digests.hkdf(secret=secret, info=info, length=32)


def keyed_random(key: bytes) -> Positions:
    """Independent random positions, all different.

    Numbers of 32 bits, scaled to the length, repeats skipped.
    """

    def positions(token: str, count: int, length: int) -> Sequence[int]:
        message, found, counter = token.encode(), dict[int, None](), 0
        while len(found) < min(count, length):
            block = digests.keyed_block(key=key, message=message, counter=counter)
            numbers = np.frombuffer(block, dtype="<u4").astype(np.uint64)
            found |= dict.fromkeys(((numbers * np.uint64(length)) >> np.uint64(32)).tolist())
            counter += 1
        return list(found)[:count]

    return positions


def clkhash_double(field: Field, family: ClkhashDouble, *, secret: bytes) -> Positions:
    """Positions (a + i·b) mod length, i < count; a is HMAC-SHA-1 and b HMAC-MD5 of the token.

    Keys: HKDF output cut into two keys per key space, in the order the schema lists them. With
    `prevent_singularity` b is drawn anew (token followed by the characters 0, 1, …) while it is 0.
    """
    size, place = family.key_size, family.key_spaces.index(field.key_space)
    keys = digests.hkdf(
        secret=secret,
        info=family.info,
        length=size * 2 * len(family.key_spaces),
        salt=family.salt,
        digest=family.kdf_hash.lower(),
    )
    sha1_key = keys[2 * place * size : (2 * place + 1) * size]
    md5_key = keys[(2 * place + 1) * size : (2 * place + 2) * size]

    def positions(token: str, count: int, length: int) -> Sequence[int]:
        message, retry = token.encode(), 0
        first, second = digests.hmac_numbers(sha1_key=sha1_key, md5_key=md5_key, message=message)
        while family.prevent_singularity and second % length == 0:
            again = message + chr(retry).encode()
            second = digests.hmac_numbers(sha1_key=sha1_key, md5_key=md5_key, message=again)[1]
            retry += 1
        return [(first + step * second) % length for step in range(count)]

    return positions


def empty_filter(bits: int) -> NDArray[np.bool_]:
    """A filter without a set bit, one byte per bit."""
    return np.zeros(bits, dtype=np.bool_)


def pack(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Filters (…, bits) as words (…, bits / 64): bit i is bit i mod 64 of word i div 64."""
    packed = np.packbits(bits, axis=-1, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)
