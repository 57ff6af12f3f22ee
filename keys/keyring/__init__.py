"""Keyring: versions of all keys below the root, in one sealed file outside the database."""

from keys.keyring.ring import Keyring
from keys.keyring.words import KeyMaterial, KeyState, KeyVersionInfo, Purpose

__all__ = ["KeyMaterial", "KeyState", "KeyVersionInfo", "Keyring", "Purpose"]
