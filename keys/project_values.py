"""Project values: seeds and salts that one project secret gives for each original, the same whenever it is asked.

A value is HMAC-SHA-256 under a key of its own use, which HKDF derives from the project's secret (RFC 2104, RFC 5869):
whoever knows the value of one original learns nothing of another's, nor of the same original's in another project.
"""

import hmac
from collections.abc import Iterable, Sequence

from keys.derive import subkey

_BLOCK = 8


def project_values(secret: bytes, *, use: str, originals: Iterable[str]) -> list[bytes]:
    """The 32-byte value of each original for one use, such as ``date-shift`` or ``salt``."""
    key = subkey(secret, purpose=use)
    return [hmac.digest(key, original.encode(), "sha256") for original in originals]


def uniform_below(seed: bytes, bound: int, *, context: Sequence[str] = ()) -> int:
    """The number from 0 to ``bound`` - 1 that a seed gives in a context; over seeds all are equally likely.

    Draws 64 bits at a time and rejects what would favor small numbers. ``bound`` is at most 2⁶³.

    Raises:
        ValueError: the bound is out of range.
    """
    if not 1 <= bound <= 1 << 63:
        raise ValueError("the bound of a draw lies between 1 and 2^63")
    fair = (1 << 8 * _BLOCK) // bound * bound
    name = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in context)
    count = 0
    while True:
        block = hmac.digest(seed, name + count.to_bytes(4, "big"), "sha256")
        drawn = int.from_bytes(block[:_BLOCK], "big")
        if drawn < fair:
            return drawn % bound
        count += 1
