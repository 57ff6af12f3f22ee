"""clkhash's hash families and its way of writing a filter, for exchange with its users."""

import base64
from collections.abc import Sequence

import numpy as np

from linkage import digests
from linkage.encode.encoding_set import Words
from linkage.encode.positions import Positions
from linkage.schema import Clkhash, ClkhashBlake, ClkhashDouble

_PER_BLOCK = 32


def clkhash_double(family: ClkhashDouble, key_space: str, *, secret: bytes) -> Positions:
    """Positions (a + i·b) mod length, i < count; a is HMAC-SHA-1 and b HMAC-MD5 of the token.

    With `prevent_singularity` b is drawn anew (token followed by the characters 0, 1, …) while it
    is 0.
    """
    sha1_key, md5_key = feature_keys(family, key_space, secret=secret)
    return double_hashing(
        sha1_key=sha1_key, md5_key=md5_key, prevent_singularity=family.prevent_singularity
    )


def double_hashing(*, sha1_key: bytes, md5_key: bytes, prevent_singularity: bool) -> Positions:
    """Double hashing under two keys (Schnell, Bachteler and Reiher 2009)."""

    def positions(token: str, count: int, length: int) -> Sequence[int]:
        message, retry = token.encode(), 0
        first, second = digests.hmac_numbers(sha1_key=sha1_key, md5_key=md5_key, message=message)
        while prevent_singularity and second % length == 0:
            again = message + chr(retry).encode()
            second = digests.hmac_numbers(sha1_key=sha1_key, md5_key=md5_key, message=again)[1]
            retry += 1
        return [(first + step * second) % length for step in range(count)]

    return positions


def clkhash_blake(family: ClkhashBlake, key_space: str, *, secret: bytes) -> Positions:
    """Positions from 16-bit slices of keyed BLAKE2b, modulo a length that is a power of two.

    Blocks are told apart by their number, in decimal, as salt.
    """
    key, _ = feature_keys(family, key_space, secret=secret)

    def positions(token: str, count: int, length: int) -> Sequence[int]:
        message = token.encode()
        octets = b"".join(
            digests.salted_block(key=key, message=message, salt=str(block).encode())
            for block in range(-(-count // _PER_BLOCK))
        )
        return [int(number) % length for number in np.frombuffer(octets, dtype="<u2")[:count]]

    return positions


def feature_keys(family: Clkhash, key_space: str, *, secret: bytes) -> tuple[bytes, bytes]:
    """The two keys of a feature: HKDF output cut in two per key space, in the schema's order."""
    size, place = family.key_size, family.key_spaces.index(key_space)
    keys = digests.hkdf(
        secret=secret,
        info=family.info,
        length=size * 2 * len(family.key_spaces),
        salt=family.salt,
        digest=family.kdf_hash.lower(),
    )
    middle = (2 * place + 1) * size
    return keys[middle - size : middle], keys[middle : middle + size]


def to_base64(words: Words) -> str:
    """Base64 of one filter (words,) in the bit order of clkhash: bit 0 is the highest of byte 0."""
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    swapped = np.packbits(np.unpackbits(octets, bitorder="little"))
    return base64.b64encode(swapped.tobytes()).decode()


def from_base64(text: str) -> Words:
    """The filter (words,) that `to_base64` wrote; its length must be a multiple of 64 bits."""
    octets = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    swapped = np.packbits(np.unpackbits(octets), bitorder="little")
    return swapped.view("<u8").astype(np.uint64)
