"""Sealing: an envelope opens only with its key, in the place it was made for.

Envelope = 0x02 ‖ key version (2 bytes, big-endian) ‖ nonce (12) ‖ AES-256-GCM-SIV
ciphertext and tag (RFC 8452). The associated data are header ‖ binding, so an envelope
that is moved to another row, column or domain, or relabeled with another key version, is
refused. GCM-SIV forgives a repeated nonce; nonces are drawn at random all the same.

What is sealed is padded (0x80, then zeros; ISO/IEC 7816-4), because the length of a name is
half the name: to 32, 64, 128, 256 or 512 bytes, beyond that by an eighth at most. Envelopes
of the first format, 0x01, are not padded; they are still opened, and a rotation replaces them.
"""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from keys.errors import EnvelopeRejected, SecretTooShort, UnknownKeyVersion

NONCE_LENGTH = 12
TAG_LENGTH = 16
_FORMAT = b"\x02"
_UNPADDED = b"\x01"
_FORMATS = (_FORMAT, _UNPADDED)
_MARK = b"\x80"
_SMALLEST, _LARGEST_DOUBLED = 32, 512
_HEADER_LENGTH = 3
_BODY_START = _HEADER_LENGTH + NONCE_LENGTH
OVERHEAD = _BODY_START + TAG_LENGTH
"""Bytes an envelope is longer than what it holds with its padding."""


def binding(table: str, column: str, domain: str, row: bytes) -> bytes:
    """Name the place of an envelope: table, column, domain and the row's immutable public part.

    Each part is length-prefixed, so no two places share a name.
    """
    return bindings(table, column, domain, (row,))[0]


def bindings(table: str, column: str, domain: str, rows: Sequence[bytes]) -> list[bytes]:
    """Name the places of many envelopes of one column and domain; order is kept."""
    parts = (table.encode(), column.encode(), domain.encode())
    column_name = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    heads = {length: column_name + length.to_bytes(4, "big") for length in set(map(len, rows))}
    return [heads[len(row)] + row for row in rows]


def seal(material_secret: bytes, plaintext: bytes, *, key_version: int, bound_to: bytes) -> bytes:
    """Seal one plaintext for the place `bound_to` under a key version (1..65535).

    Raises:
        SecretTooShort: the key is not 32 bytes.
        UnknownKeyVersion: an envelope cannot name this version.
    """
    return seal_many(material_secret, ((plaintext, bound_to),), key_version=key_version)[0]


def seal_many(
    material_secret: bytes, items: Sequence[tuple[bytes, bytes]], *, key_version: int
) -> list[bytes]:
    """Seal many `(plaintext, bound_to)` pairs with one key; order is kept."""
    if not 1 <= key_version <= 0xFFFF:
        raise UnknownKeyVersion("an envelope names a key version from 1 to 65535")
    encrypt = _cipher(material_secret).encrypt
    header = _FORMAT + key_version.to_bytes(2, "big")
    drawn = os.urandom(NONCE_LENGTH * len(items))
    sealed = []
    for start, (plaintext, bound_to) in zip(range(0, len(drawn), NONCE_LENGTH), items, strict=True):
        nonce = drawn[start : start + NONCE_LENGTH]
        padded = (plaintext + _MARK).ljust(padded_length(len(plaintext)), b"\x00")
        sealed.append(header + nonce + encrypt(nonce, padded, header + bound_to))
    return sealed


def open_envelope(material_secret: bytes, envelope: bytes, *, bound_to: bytes) -> bytes:
    """Give back what was sealed for this place with this key.

    Raises:
        EnvelopeRejected: damaged, of another place, key, or key version.
    """
    return open_many(material_secret, ((envelope, bound_to),))[0]


def open_many(material_secret: bytes, items: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Open many `(envelope, bound_to)` pairs of one key; all open or `EnvelopeRejected`."""
    decrypt = _cipher(material_secret).decrypt
    opened = []
    for envelope, bound_to in items:
        header = envelope[:_HEADER_LENGTH]
        if not header.startswith(_FORMATS):
            raise EnvelopeRejected("not an envelope of this format")
        try:
            plaintext = decrypt(
                envelope[_HEADER_LENGTH:_BODY_START], envelope[_BODY_START:], header + bound_to
            )
        except (InvalidTag, ValueError):
            raise EnvelopeRejected("the envelope does not open in this place") from None
        if header.startswith(_FORMAT):  # the tag was right: a missing mark is a fault of the sealer
            plaintext, mark, _ = plaintext.rpartition(_MARK)
            if not mark:
                raise EnvelopeRejected("not an envelope of this format")
        opened.append(plaintext)
    return opened


def key_version_of(envelope: bytes) -> int:
    """Tell under which key version an envelope says it was sealed; proven only by opening it.

    Raises:
        EnvelopeRejected: too short, or of another format.
    """
    if len(envelope) < OVERHEAD or envelope[:1] not in _FORMATS:
        raise EnvelopeRejected("not an envelope of this format")
    return int.from_bytes(envelope[1:_HEADER_LENGTH], "big")


def by_key_version(envelopes: Sequence[bytes]) -> dict[int, list[int]]:
    """Group the positions of envelopes by key version, so that each key opens its own batch."""
    versions = {envelope[:_HEADER_LENGTH] for envelope in envelopes}
    if len(versions) == 1 and min(map(len, envelopes)) >= OVERHEAD:  # as mostly
        return {key_version_of(envelopes[0]): list(range(len(envelopes)))}
    positions: dict[int, list[int]] = {}
    for position, envelope in enumerate(envelopes):
        positions.setdefault(key_version_of(envelope), []).append(position)
    return positions


@lru_cache(maxsize=4096)
def padded_length(length: int) -> int:
    """How many bytes are sealed for a plaintext of this length."""
    doubled = 1 << length.bit_length()  # the least power of two with room for the mark
    if doubled <= _LARGEST_DOUBLED:
        return max(_SMALLEST, doubled)
    step = doubled // 16
    return (length // step + 1) * step


def _cipher(material_secret: bytes) -> AESGCMSIV:
    if len(material_secret) != 32:
        raise SecretTooShort("an envelope key has exactly 32 bytes")
    return AESGCMSIV(material_secret)
