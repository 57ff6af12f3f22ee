"""Passwords of local accounts: argon2id, 19 MiB, 2 passes, 1 lane (OWASP recommendation)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Hash a password with a fresh salt; the text names its own parameters (RFC 9106)."""
    return _HASHER.hash(password)


def password_matches(password: str, stored: str) -> bool:
    """Tell whether the password belongs to the stored hash; False for anything unreadable."""
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with other than today's parameters.

    Raises:
        ValueError: the text is no argon2 hash.
    """
    return _HASHER.check_needs_rehash(stored)
