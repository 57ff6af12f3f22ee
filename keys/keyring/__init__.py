"""Keyring: versions of all keys below the root, sealed as one whole, outside the database."""

from keys.keyring.ring import Keyring
from keys.keyring.store import KeyringStore, Stored
from keys.keyring.words import KeyMaterial, KeyState, KeyVersionInfo, Purpose

__all__ = [
    "KeyMaterial",
    "KeyState",
    "KeyVersionInfo",
    "Keyring",
    "KeyringStore",
    "Purpose",
    "Stored",
]
