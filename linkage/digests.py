"""Digests: the one file of this package that touches hash functions.

All keys come in as arguments.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import numpy as np
import rfc8785
from numpy.typing import NDArray


def fingerprint(document: Mapping[str, object]) -> str:
    """`sha256:` and the hex SHA-256 of the canonical JSON (RFC 8785).

    Key order and spaces do not count.
    """
    return "sha256:" + hashlib.sha256(canonical_json(document)).hexdigest()


def canonical_json(document: Mapping[str, object]) -> bytes:
    """The one byte string of a JSON document (RFC 8785)."""
    return rfc8785.dumps(document)  # type: ignore[arg-type]  # its recursive type has no public name


def sha256(data: bytes | memoryview) -> str:
    """Hex SHA-256, to notice damaged files."""
    return hashlib.sha256(data).hexdigest()


def joined(*parts: str | bytes) -> bytes:
    """Concatenate unambiguously: each part is preceded by its length in 4 big-endian bytes."""
    whole = b""
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        whole += len(raw).to_bytes(4, "big") + raw
    return whole


def mac(*, key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes (RFC 2104)."""
    return hmac.digest(key, message, "sha256")


def hkdf(
    *, secret: bytes, info: bytes, length: int, salt: bytes = b"", digest: str = "sha256"
) -> bytes:
    """Derive `length` bytes from a secret (RFC 5869, extract and expand)."""
    pseudorandom = hmac.digest(salt or b"\0" * hashlib.new(digest).digest_size, secret, digest)
    block, output, counter = b"", b"", 0
    while len(output) < length:
        counter += 1
        block = hmac.digest(pseudorandom, block + info + bytes([counter]), digest)
        output += block
    return output[:length]


def keyed_block(*, key: bytes, message: bytes, counter: int) -> bytes:
    """Block `counter` (64 bytes) of a keyed random function of `message`.

    BLAKE2b (RFC 7693) with the counter as salt.
    """
    salt = counter.to_bytes(16, "little")
    return hashlib.blake2b(message, key=key, salt=salt, person=b"ttp-linkage-1").digest()


def keyed_words(*, key: bytes, texts: Sequence[str]) -> NDArray[np.uint64]:
    """A keyed random 64-bit number for each text (BLAKE2b with 8 bytes of output, RFC 7693)."""
    made = hashlib.blake2b
    person = b"ttp-linkage-w"
    whole = b"".join(
        made(text.encode(), digest_size=8, key=key, person=person).digest() for text in texts
    )
    return np.frombuffer(whole, dtype="<u8").astype(np.uint64)


def keyed_stream(*, key: bytes, label: bytes, length: int) -> bytes:
    """`length` secret pseudorandom bytes (SHAKE-256, FIPS 202, of key and label)."""
    return hashlib.shake_256(joined(key, label)).digest(length)


def hmac_numbers(*, sha1_key: bytes, md5_key: bytes, message: bytes) -> tuple[int, int]:
    """HMAC-SHA-1 and HMAC-MD5 as big-endian integers.

    The two base hashes of double hashing (clkhash).
    """
    first = hmac.digest(sha1_key, message, "sha1")
    second = hmac.digest(md5_key, message, "md5")
    return int.from_bytes(first, "big"), int.from_bytes(second, "big")


def plain_numbers(message: bytes) -> tuple[int, int]:
    """MD5 and SHA-1, without a key, as big-endian integers (E-PIX's double hashing)."""
    first = hashlib.md5(message, usedforsecurity=False).digest()
    second = hashlib.sha1(message, usedforsecurity=False).digest()
    return int.from_bytes(first, "big"), int.from_bytes(second, "big")


def salted_block(*, key: bytes, message: bytes, salt: bytes) -> bytes:
    """64 bytes of keyed BLAKE2b (RFC 7693) with a salt of up to 16 bytes (clkhash)."""
    return hashlib.blake2b(message, key=key, salt=salt).digest()
