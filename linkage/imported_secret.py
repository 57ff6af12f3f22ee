"""Secrets of other programs' encodings: seeds, salts and keys by name, as one JSON object."""

import base64
import binascii
import json
from collections.abc import Mapping

from linkage.errors import LinkageError


class SecretUnreadable(LinkageError):
    """A secret for an imported hash family that is not what this family needs."""

    code = "secret-unreadable"

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"The linkage secret must hold {name!r} as {rule}.")


def number_in(secret: bytes, name: str) -> int:
    """A whole number (a seed of Java's generator, 64 bits with sign).

    Raises:
        SecretUnreadable: the secret is no JSON object with this number.
    """
    value = _object(secret).get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise SecretUnreadable(name, "a whole number of 64 bits")
    return value


def text_in(secret: bytes, name: str) -> str:
    """A text (a salt).

    Raises:
        SecretUnreadable: the secret is no JSON object with this text.
    """
    value = _object(secret).get(name)
    if not isinstance(value, str):
        raise SecretUnreadable(name, "a string")
    return value


def key_in(secret: bytes, name: str) -> bytes:
    """A key, written in base64.

    Raises:
        SecretUnreadable: the secret is no JSON object with this key.
    """
    try:
        return base64.b64decode(text_in(secret, name), validate=True)
    except (binascii.Error, ValueError):
        raise SecretUnreadable(name, "base64") from None


def _object(secret: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(secret)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}
