"""Hash families: from a token to bit positions.

Without the key nothing tells which token set which bit.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from linkage import digests
from linkage.encode.clkhash import clkhash_blake, clkhash_double
from linkage.encode.imported import epix_double, highmed_record, java_random
from linkage.encode.positions import KeyScope, Positions
from linkage.schema import (
    ClkhashBlake,
    ClkhashDouble,
    EpixDouble,
    Field,
    HighmedRecord,
    JavaRandom,
    LinkageSchema,
)

__all__ = [
    "KeyScope",
    "Positions",
    "empty_filter",
    "keyed_random",
    "pack",
    "positions_for",
    "token_key",
]

_IMPORTED: Mapping[type, Callable[..., Positions]] = {
    ClkhashBlake: clkhash_blake,
    ClkhashDouble: clkhash_double,
    EpixDouble: epix_double,
    HighmedRecord: highmed_record,
    JavaRandom: java_random,
}


def positions_for(
    field: Field, schema: LinkageSchema, *, secret: bytes, scope: KeyScope
) -> Positions:
    """The hash family of the schema, keyed for one field.

    Raises:
        SecretUnreadable: an imported family finds no seed, salt or key of this field.
    """
    imported = _IMPORTED.get(type(schema.hash))
    if imported:
        return imported(schema.hash, field.key_space, secret=secret)
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


def empty_filter(bits: int) -> NDArray[np.bool_]:
    """A filter without a set bit, one byte per bit."""
    return np.zeros(bits, dtype=np.bool_)


def pack(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Filters (…, bits) as words (…, bits / 64): bit i is bit i mod 64 of word i div 64."""
    packed = np.packbits(bits, axis=-1, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)
