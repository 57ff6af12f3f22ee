"""The root key: 32 random bytes per center, from which everything else is opened."""

from typing import NewType

RootKey = NewType("RootKey", bytes)

ROOT_KEY_LENGTH = 32
