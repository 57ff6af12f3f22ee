"""Randomness and identity: drawn from the operating system, compared in constant time."""

import hmac
import secrets
import uuid
from collections.abc import Sequence
from typing import TypeVar

from keys.errors import SecretTooShort

MIN_SECRET = 16
T = TypeVar("T")


def random_secret(length: int = 32) -> bytes:
    """Draw a secret of `length` bytes (at least 16).

    Raises:
        SecretTooShort: fewer than 16 bytes asked for.
    """
    if length < MIN_SECRET:
        raise SecretTooShort(f"a secret has at least {MIN_SECRET} bytes")
    return secrets.token_bytes(length)


def random_token() -> str:
    """Draw a URL-safe session token of 256 random bits (43 characters)."""
    return secrets.token_urlsafe(32)


def random_below(bound: int) -> int:
    """Draw an unbiased number from 0 to `bound` - 1."""
    return secrets.randbelow(bound)


def shuffled(items: Sequence[T]) -> list[T]:
    """Return the items in an unbiased random order, so that order carries no information."""
    mixed = list(items)
    secrets.SystemRandom().shuffle(mixed)
    return mixed


def new_uuid7(now_ms: int) -> uuid.UUID:
    """Make a version 7 UUID (RFC 9562 section 5.7) from Unix milliseconds and 74 random bits."""
    value = (now_ms & 0xFFFFFFFFFFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def ordered_uuid7s(now_ns: int, count: int) -> list[uuid.UUID]:
    """Make `count` version 7 UUIDs in ascending order, all above those of any earlier nanosecond clock reading.

    Resolves 1/4096 millisecond (RFC 9562 section 6.2, method 3), so that what is made
    one after the other also sorts so.
    """
    milliseconds, rest = divmod(now_ns, 1_000_000)
    start = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (rest * 4096 // 1_000_000) << 64
    tails = sorted(secrets.randbits(62) for _ in range(count))
    return [uuid.UUID(int=start | 0x2 << 62 | tail) for tail in tails]


def equal(first: bytes, second: bytes) -> bool:
    """Compare without telling by the time taken where two values differ."""
    return hmac.compare_digest(first, second)
