"""Blind index: equal values meet in the database without the database knowing them.

An index is HMAC-SHA-256 cut to 16 bytes, so two values share one with probability 2⁻¹²⁸
per pair; the caller still compares after opening the envelope.

Rotation has two slots, which take turns. A row has room for two indexes; the epoch says
which of the two slots holds the current one, the other one is empty between rotations:

1. *dual*: the next version exists; every writer fills both slots, lookups use current;
2. backfill fills the next slot of older rows in blocks;
3. nothing goes further while one NULL remains;
4. swap: the slots change their parts, which is one change of the epoch and of no row;
5. the slot that held the old index is emptied in blocks; the old version is destroyed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from keys.errors import SecretTooShort
from keys.keyed_digests import keyed_digests

INDEX_LENGTH = 16


@dataclass(frozen=True, slots=True)
class IndexEpoch:
    """Which index key versions a writer fills right now; read in the writing transaction.

    `turned` tells that the current index stands in the second slot.
    """

    current_version: int
    next_version: int | None = None
    turned: bool = False

    @property
    def writes_both(self) -> bool:
        """True from the start of a rotation until the swap."""
        return self.next_version is not None


def blind_index(secret: bytes, value: bytes) -> bytes:
    """Index one value: 16 bytes, the same for the same key and value, else unrelated.

    Raises:
        SecretTooShort: the key has fewer than 32 bytes.
    """
    return blind_indexes(secret, (value,))[0]


def blind_indexes(secret: bytes, values: Iterable[bytes]) -> list[bytes]:
    """Index many values with one key; order is kept."""
    if len(secret) < 32:
        raise SecretTooShort("an index key has at least 32 bytes")
    return keyed_digests(secret, values, length=INDEX_LENGTH)
