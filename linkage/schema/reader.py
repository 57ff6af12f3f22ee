"""Linkage schema, one JSON object at a time.

Typed access, and every key nobody asked for is refused.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from linkage.errors import SchemaInvalid

MOST_BITS = 65_536
NAME = "[a-z][a-z0-9_.-]{0,63}"
PLAIN_NAME = "[a-z][a-z0-9_-]{0,30}"
_NAME = re.compile(NAME)
_PLAIN_NAME = re.compile(PLAIN_NAME)
Choice = TypeVar("Choice", bound=StrEnum)


class Reader:
    """One JSON object of the document: typed access, and `done` refuses keys nobody asked for."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise SchemaInvalid(path, "must be an object")
        self._left: dict[str, object] = dict(value)
        self.path = path

    def at(self, key: str) -> str:
        """The path of a key, for messages."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the key is still unread."""
        return key in self._left

    def take(self, key: str, default: object = None) -> object:
        """The value of a key; each can be taken once."""
        if key not in self._left and default is None:
            raise SchemaInvalid(self.at(key), "is missing")
        return self._left.pop(key, default)

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise SchemaInvalid(self.at(key), f"must be a whole number from {low} to {high}")
        return value

    def optional(self, key: str, high: int) -> int | None:
        """A positive number, or None when the key is absent."""
        return self.number(key, 1, high) if self.has(key) else None

    def words(self, key: str, default: int | None = None) -> int:
        """A length in bits, whole 64-bit words."""
        bits = self.number(key, 64, MOST_BITS, default)
        if bits % 64:
            raise SchemaInvalid(self.at(key), "must be a multiple of 64")
        return bits

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise SchemaInvalid(self.at(key), "must be true or false")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        value = self.take(key, default)
        if not isinstance(value, str):
            raise SchemaInvalid(self.at(key), "must be a string")
        return value

    def name(self, key: str, default: str | None = None) -> str:
        """A short lower-case name."""
        value = self.text(key, default)
        if not _NAME.fullmatch(value):
            raise SchemaInvalid(self.at(key), "must be a short lower-case name")
        return value

    def plain_name(self, key: str) -> str:
        """A name without a dot, of which longer names are made."""
        value = self.name(key)
        if not _PLAIN_NAME.fullmatch(value):
            raise SchemaInvalid(self.at(key), "must be a name of at most 31 characters, no dot")
        return value

    def choice(self, key: str, choices: type[Choice], default: str | None = None) -> Choice:
        """One of the values of an enumeration."""
        value = self.text(key, default)
        if value not in list(choices):
            raise SchemaInvalid(self.at(key), f"must be one of {', '.join(choices)}")
        return choices(value)

    def items(self, key: str, *, required: bool) -> list[tuple[object, str]]:
        """The entries of a list, each with its path."""
        value = self.take(key, None if required else [])
        if not isinstance(value, list) or (required and not value):
            raise SchemaInvalid(self.at(key), "must be a list" + " with entries" * required)
        return [(item, f"{self.at(key)}[{place}]") for place, item in enumerate(value)]

    def bytes(self, key: str) -> bytes:
        """Base64 as bytes; absent is empty."""
        try:
            return base64.b64decode(self.text(key, ""), validate=True)
        except (binascii.Error, ValueError):
            raise SchemaInvalid(self.at(key), "must be base64") from None

    def unread(self) -> list[str]:
        """The unread keys, sorted."""
        return sorted(self._left)

    def done(self) -> None:
        """Refuse what was not read."""
        if self._left:
            raise SchemaInvalid(self.at(min(self._left)), "is not a known key")
