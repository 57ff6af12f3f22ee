"""Secret sharing: any `threshold` shares give the secret back; fewer say nothing at all about it.

A. Shamir, "How to share a secret", CACM 22(11), 1979: every byte of the secret is the value
at 0 of a random polynomial of degree threshold - 1, and a share is its value elsewhere. The
field is GF(2⁸) modulo x⁸+x⁴+x³+x+1 (FIPS 197 section 4.2), as in SLIP-0039. What is secret
is neither branched on nor used as an index: multiplication has no table and no `if`. Python
gives no stronger promise than that about time.

Sharing alone proves nothing: a wrong share gives a wrong secret without any sign of it.
`keys.custody.quorum` adds what tells false shares from true ones.
"""

import os
from collections.abc import Mapping

from keys.errors import KeysError, SecretTooShort

MAX_COUNT = 255
Bytes = bytes | bytearray


class SharesImpossible(KeysError):
    """A threshold and a count of shares, or points, from which nothing can be shared or combined."""

    code = "shares-impossible"


def split(secret: Bytes, *, threshold: int, count: int) -> list[bytearray]:
    """Share a secret out: item n - 1 is the share at n, as long as the secret.

    The coefficients are drawn independently and uniformly, zero included: that is what
    makes threshold - 1 shares independent of the secret, whatever computing power they meet.

    Raises:
        SharesImpossible: not 2 ≤ threshold ≤ count ≤ 255; with a threshold of 1 every share
            would be the secret.
        SecretTooShort: the secret is empty.
    """
    if not 2 <= threshold <= count <= MAX_COUNT:
        raise SharesImpossible("a secret is shared with 2 ≤ threshold ≤ count ≤ 255")
    if not secret:
        raise SecretTooShort("an empty secret cannot be shared")
    higher = [bytearray(os.urandom(len(secret))) for _ in range(threshold - 1)]
    try:
        return [_value_at(number, secret, higher) for number in range(1, count + 1)]
    finally:
        for coefficients in higher:
            wipe(coefficients)


def interpolate(points: Mapping[int, Bytes], *, at: int = 0) -> bytearray:
    """Give the value at `at` of the polynomials through the points (Lagrange); at 0 it is the secret.

    More points than the threshold give the same value, if all are true.

    Raises:
        SharesImpossible: no points, points of different lengths, or a number outside 0..255.
    """
    lengths = {len(value) for value in points.values()}
    if len(lengths) != 1 or not all(0 <= number <= MAX_COUNT for number in (*points, at)):
        raise SharesImpossible("points are numbered 0 to 255 and all of one length")
    result = bytearray(lengths.pop())
    for number, value in points.items():
        weight = _weight(number, points, at)
        for position, byte in enumerate(value):
            result[position] ^= multiply(weight, byte)
    return result


def multiply(first: int, second: int) -> int:
    """Multiply in GF(2⁸) (FIPS 197 section 4.2): eight masked steps, whatever the operands."""
    product = 0
    for _ in range(8):
        product ^= -(second & 1) & first
        first = (first << 1) ^ (-(first >> 7) & 0x11B)
        second >>= 1
    return product


def wipe(secret: bytearray) -> None:
    """Overwrite with zeros, in place. Copies the interpreter made elsewhere are not reached."""
    secret[:] = bytes(len(secret))


def _value_at(number: int, secret: Bytes, higher: list[bytearray]) -> bytearray:
    """Horner's rule, for all bytes of the secret."""
    value = bytearray(len(secret))
    for coefficients in (*reversed(higher), secret):
        for position, coefficient in enumerate(coefficients):
            value[position] = multiply(value[position], number) ^ coefficient
    return value


def _weight(number: int, points: Mapping[int, Bytes], at: int) -> int:
    """The Lagrange basis polynomial of one point; numbers are public, so its time may differ."""
    weight = 1
    for other in points:
        if other != number:
            weight = multiply(weight, multiply(at ^ other, _inverse(number ^ other)))
    return weight


def _inverse(element: int) -> int:
    """The 254th power: the group of GF(2⁸) has 255 elements."""
    inverse = 1
    for _ in range(254):
        inverse = multiply(inverse, element)
    return inverse
