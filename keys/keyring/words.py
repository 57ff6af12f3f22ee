"""Words of the keyring: purposes, states, and the material a caller is handed."""

from dataclasses import dataclass, field
from enum import StrEnum


class Purpose(StrEnum):
    """What a key is for; keys of different purposes are never related."""

    INDEX = "index"
    SEAL = "seal"
    TOKEN = "token"  # noqa: S105 - a purpose, not a secret
    AUDIT = "audit"
    SIGNING = "signing"
    TRANSPORT = "transport"
    LINKAGE = "linkage"
    CLIENT = "client"
    SESSION = "session"
    MATCH = "match"
    PROJECT = "project"


class KeyState(StrEnum):
    """Life of a key version: next → active → retired (reads only) → destroyed."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """One usable key: 32 bytes for one purpose, domain and version; never printed."""

    purpose: Purpose
    domain: str
    version: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyVersionInfo:
    """What may be shown of a key version; times are Unix milliseconds."""

    purpose: Purpose
    domain: str
    version: int
    state: KeyState
    imported: bool
    created_ms: int
    destroyed_ms: int | None
