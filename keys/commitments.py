"""Commitments: an audit leaf can be asked about one subject, but tells no one who was in it."""

from collections.abc import Iterable

from keys.errors import SecretTooShort
from keys.keyed_digests import keyed_digests

COMMITMENT_LENGTH = 16
_LABEL = b"ttp/commitment/v1\x00"


def commit(secret: bytes, subject: bytes) -> bytes:
    """Commit to one subject: 16 bytes of HMAC-SHA-256 under the domain's commitment key.

    Destroying the key makes every commitment of the domain anonymous.

    Raises:
        SecretTooShort: the key has fewer than 32 bytes.
    """
    return commit_many(secret, (subject,))[0]


def commit_many(secret: bytes, subjects: Iterable[bytes]) -> list[bytes]:
    """Commit to many subjects with one key; order is kept."""
    if len(secret) < 32:
        raise SecretTooShort("a commitment key has at least 32 bytes")
    return keyed_digests(secret, subjects, length=COMMITMENT_LENGTH, label=_LABEL)
