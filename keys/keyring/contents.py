"""Contents of a keyring: versions are added and change state, they are never taken out.

A destroyed version keeps its number and its dates and loses its secret, so that "unknown"
and "destroyed" stay different answers for ever.
"""

import base64
import json
import os
from dataclasses import dataclass, field, replace
from typing import Any

from keys.errors import (
    KeyDestroyed,
    KeyringDamaged,
    SecretTooShort,
    UnknownKeyVersion,
    VersionsExhausted,
)
from keys.keyring.words import KeyState, KeyVersionInfo, Purpose

Slot = tuple[Purpose, str]
"""What shares one line of versions: purpose and domain."""

MAX_VERSION = 65_535


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version as stored; `secret` is None once destroyed."""

    version: int
    state: KeyState
    imported: bool
    created_ms: int
    secret: bytes | None = field(repr=False)
    destroyed_ms: int | None = None


class Contents:
    """All versions of all slots, in memory; the caller saves what it changed."""

    def __init__(self, slots: dict[Slot, list[KeyVersion]] | None = None) -> None:
        self._slots = slots or {}

    def add(
        self, slot: Slot, state: KeyState, *, now_ms: int, secret: bytes | None = None
    ) -> KeyVersion:
        """Add the next version of a slot: drawn here, or imported when a secret is given.

        Raises:
            SecretTooShort: an imported secret is not 32 bytes long.
            VersionsExhausted: the slot has used up all 65,535 version numbers.
        """
        line = self._slots.setdefault(slot, [])
        if secret is not None and len(secret) != 32:
            raise SecretTooShort("an imported secret has exactly 32 bytes")
        if len(line) >= MAX_VERSION:
            raise VersionsExhausted("this domain has no version numbers left")
        added = KeyVersion(
            version=len(line) + 1,
            state=state,
            imported=secret is not None,
            created_ms=now_ms,
            secret=os.urandom(32) if secret is None else secret,
        )
        line.append(added)
        return added

    def in_state(self, slot: Slot, state: KeyState) -> KeyVersion | None:
        """Find the newest version of a slot in a state."""
        line = self._slots.get(slot, ())
        return next((entry for entry in reversed(line) if entry.state is state), None)

    def at(self, slot: Slot, version: int) -> KeyVersion:
        """Find one version.

        Raises:
            UnknownKeyVersion: there never was one.
        """
        line = self._slots.get(slot, ())
        if not 1 <= version <= len(line):
            raise UnknownKeyVersion(f"no {slot[0]} key version {version} in this domain")
        return line[version - 1]

    def activate(self, slot: Slot, version: int) -> None:
        """Make a version the active one; the active one until now is retired.

        Raises:
            KeyDestroyed: nothing brings a destroyed version back.
        """
        line = self._slots[slot]
        secret_of(line[version - 1])
        for position, entry in enumerate(line):
            if entry.state is KeyState.ACTIVE:
                line[position] = replace(entry, state=KeyState.RETIRED)
        line[version - 1] = replace(line[version - 1], state=KeyState.ACTIVE)

    def destroy(self, slot: Slot, version: int, *, now_ms: int) -> None:
        """Forget the secret of a version; a second time changes nothing."""
        entry = self.at(slot, version)
        if entry.state is not KeyState.DESTROYED:
            self._slots[slot][version - 1] = replace(
                entry, state=KeyState.DESTROYED, secret=None, destroyed_ms=now_ms
            )

    def slots(self) -> tuple[Slot, ...]:
        """All slots that ever had a key."""
        return tuple(self._slots)

    def versions(self, slot: Slot) -> tuple[KeyVersionInfo, ...]:
        """Describe all versions of a slot, oldest first, without secrets."""
        purpose, domain = slot
        return tuple(
            KeyVersionInfo(
                purpose=purpose,
                domain=domain,
                version=entry.version,
                state=entry.state,
                imported=entry.imported,
                created_ms=entry.created_ms,
                destroyed_ms=entry.destroyed_ms,
            )
            for entry in self._slots.get(slot, ())
        )

    def to_bytes(self) -> bytes:
        """Serialize; the result holds secrets and is only ever sealed."""
        return json.dumps(
            [
                [purpose, domain, [_to_json(entry) for entry in line]]
                for (purpose, domain), line in self._slots.items()
            ]
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Contents":
        """Read what `to_bytes` wrote.

        Raises:
            KeyringDamaged: it was written by something else.
        """
        try:
            return cls(
                {
                    (Purpose(purpose), str(domain)): [_from_json(entry) for entry in line]
                    for purpose, domain, line in json.loads(data)
                }
            )
        except (ValueError, TypeError, KeyError):
            raise KeyringDamaged("the keyring opened, but its content is not readable") from None


def secret_of(entry: KeyVersion) -> bytes:
    """Give the stored secret of a version.

    Raises:
        KeyDestroyed: it was destroyed.
    """
    if entry.secret is None:
        raise KeyDestroyed(f"key version {entry.version} was destroyed")
    return entry.secret


def _to_json(entry: KeyVersion) -> dict[str, Any]:
    return {
        "version": entry.version,
        "state": entry.state,
        "imported": entry.imported,
        "created_ms": entry.created_ms,
        "destroyed_ms": entry.destroyed_ms,
        "secret": None if entry.secret is None else base64.b64encode(entry.secret).decode(),
    }


def _from_json(entry: dict[str, Any]) -> KeyVersion:
    secret = entry["secret"]
    return KeyVersion(
        version=int(entry["version"]),
        state=KeyState(entry["state"]),
        imported=bool(entry["imported"]),
        created_ms=int(entry["created_ms"]),
        destroyed_ms=entry["destroyed_ms"],
        secret=None if secret is None else base64.b64decode(secret, validate=True),
    )
