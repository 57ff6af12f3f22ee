"""The keyring: every key has one purpose and one domain, and destroying it is for good.

Readers never wait for writers: they use a snapshot in memory. A change locks the file,
reads what others wrote, changes it and replaces the file as a whole, so several processes
lose nothing. A snapshot is looked at again after 100 ms, and at once when a key is missed.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.errors import KeyDestroyed, KeyringDamaged, UnknownKeyVersion
from keys.keyring.contents import Contents, KeyVersion, Slot, secret_of
from keys.keyring.sealed_file import Sealed, SealedFile
from keys.keyring.words import KeyMaterial, KeyState, KeyVersionInfo, Purpose

STALE_AFTER_SECONDS = 0.1
T = TypeVar("T")


class _Snapshot:
    """One generation of the file in memory, with the material derived from it so far."""

    __slots__ = ("active", "contents", "material", "sealed")

    def __init__(self, sealed: Sealed) -> None:
        self.sealed = sealed
        self.contents = Contents.from_bytes(sealed.content)
        self.active: dict[Slot, KeyMaterial] = {}
        self.material: dict[tuple[Slot, int], KeyMaterial] = {}


class Keyring:
    """All keys of one center below its root; safe for threads and processes of one host."""

    def __init__(self, file: SealedFile, sealed: Sealed) -> None:
        self._file = file
        self._writing = threading.Lock()
        self._reading = threading.RLock()
        self._snapshot = _Snapshot(sealed)
        self._stale_at = time.monotonic() + STALE_AFTER_SECONDS

    @classmethod
    def create(cls, path: Path, *, root: RootKey) -> "Keyring":
        """Start an empty keyring in a file that must not exist.

        Raises:
            FileExistsError: `path` exists; it is left as it was.
        """
        file = SealedFile(path, root)
        return cls(file, file.create(Contents().to_bytes()))

    @classmethod
    def open(cls, path: Path, *, root: RootKey) -> "Keyring":
        """Open an existing keyring.

        Raises:
            KeyringDamaged: missing, damaged, or sealed under another root.
        """
        file = SealedFile(path, root)
        return cls(file, file.read())

    def fingerprint(self) -> str:
        """Identify this keyring (32 hex characters); stays the same for its whole life."""
        return self._snapshot.sealed.keyring_id.hex()

    def generation(self) -> int:
        """Count the changes since creation; a restored older file shows a smaller number."""
        return self._current().sealed.generation

    def sealed_copy(self) -> tuple[int, bytes]:
        """Give the present generation and the file as it is, sealed under the root, for a backup."""
        with self._writing, self._file.locked():
            return self._reload().sealed.generation, self._file.raw()

    def ensure(self, purpose: Purpose, domain: str = "") -> int:
        """Make sure there is an active key, and tell its version.

        Raises:
            KeyDestroyed: the key was destroyed; only `rotate` starts anew, on purpose.
        """
        slot = (purpose, domain)
        if found := self._current().contents.in_state(slot, KeyState.ACTIVE):
            return found.version
        return self._change(lambda contents: _ensure(contents, slot))

    def active(self, purpose: Purpose, domain: str = "") -> KeyMaterial:
        """Give the key that writes use now.

        Raises:
            UnknownKeyVersion: there never was one; see `ensure`.
            KeyDestroyed: there is none any more.
        """
        material = self._current().active.get((purpose, domain))
        return material or self._derive_active((purpose, domain))

    def pending(self, purpose: Purpose, domain: str = "") -> KeyMaterial | None:
        """Give the key that `begin_next` drew and no `rotate` has made active yet."""
        snapshot = self._current()
        entry = snapshot.contents.in_state((purpose, domain), KeyState.NEXT)
        return None if entry is None else _material(snapshot, (purpose, domain), entry)

    def at(self, purpose: Purpose, domain: str, version: int) -> KeyMaterial:
        """Give the key of one version, whatever its state, unless destroyed.

        Raises:
            UnknownKeyVersion: there never was one, even after looking at the file again.
            KeyDestroyed: it was destroyed.
        """
        slot = (purpose, domain)
        snapshot = self._current()
        try:
            entry = snapshot.contents.at(slot, version)
        except UnknownKeyVersion:
            snapshot = self._reload()
            entry = snapshot.contents.at(slot, version)
        return _material(snapshot, slot, entry)

    def begin_next(self, purpose: Purpose, domain: str = "") -> KeyMaterial:
        """Draw the next version without making it active; asked twice, the same one."""
        slot = (purpose, domain)
        entry = self._change(lambda contents: _begin_next(contents, slot))
        return self.at(purpose, domain, entry.version)

    def rotate(self, purpose: Purpose, domain: str = "") -> KeyMaterial:
        """Make the next version active and retire the present one.

        The version `begin_next` drew is taken, else one is drawn now.
        """
        slot = (purpose, domain)
        entry = self._change(lambda contents: _rotate(contents, slot))
        return self.at(purpose, domain, entry.version)

    def import_secret(self, purpose: Purpose, domain: str, secret: bytes) -> int:
        """Take in 32 bytes shared with other centers and make them the active version.

        Such a key is handed out as it is, not derived: all who share it must hold the same
        bytes, whatever version number each gave it. The same active secret again is no change.

        Raises:
            SecretTooShort: not 32 bytes.
        """
        return self._change(lambda contents: _import(contents, (purpose, domain), secret))

    def destroy(self, purpose: Purpose, domain: str, version: int) -> None:
        """Destroy one version for good; what it sealed cannot be read again.

        The file is written anew under a new data key. Repeating it changes nothing.

        Raises:
            UnknownKeyVersion: there never was one.
        """
        slot = (purpose, domain)
        self._change(
            lambda contents: contents.destroy(slot, version, now_ms=_now_ms()),
            fresh_data_key=True,
        )

    def destroy_domain(self, domain: str) -> None:
        """Destroy every version of every purpose of one domain, in one change."""
        self._change(lambda contents: _destroy_domain(contents, domain), fresh_data_key=True)

    def versions(self, purpose: Purpose, domain: str = "") -> tuple[KeyVersionInfo, ...]:
        """Describe all versions of a key, oldest first, destroyed ones included."""
        return self._current().contents.versions((purpose, domain))

    def all_versions(self) -> tuple[KeyVersionInfo, ...]:
        """Describe every key version there ever was, for the keys page and receipts."""
        contents = self._current().contents
        return tuple(info for slot in contents.slots() for info in contents.versions(slot))

    def _current(self) -> _Snapshot:
        if time.monotonic() >= self._stale_at:
            self._reload_if_replaced()
        return self._snapshot

    def _reload_if_replaced(self) -> None:
        with self._reading:
            if self._file.stamp() != self._snapshot.sealed.stamp:
                self._reload()
            self._stale_at = time.monotonic() + STALE_AFTER_SECONDS

    def _reload(self) -> _Snapshot:
        with self._reading:
            return self._adopt(self._file.read())

    def _adopt(self, sealed: Sealed) -> _Snapshot:
        """Take a reading as the present state, unless it would bring destroyed keys back."""
        known = self._snapshot.sealed
        if sealed.keyring_id != known.keyring_id or sealed.generation < known.generation:
            raise KeyringDamaged("the keyring was replaced by another or an older one")
        if sealed.generation > known.generation:
            self._snapshot = _Snapshot(sealed)
        elif sealed.content == known.content:
            self._snapshot.sealed = sealed
        else:
            raise KeyringDamaged("the keyring has two histories")
        self._stale_at = time.monotonic() + STALE_AFTER_SECONDS
        return self._snapshot

    def _derive_active(self, slot: Slot) -> KeyMaterial:
        snapshot = self._snapshot
        entry = snapshot.contents.in_state(slot, KeyState.ACTIVE)
        if entry is None:
            snapshot = self._reload()
            entry = snapshot.contents.in_state(slot, KeyState.ACTIVE)
        if entry is None:
            raise _no_active(snapshot.contents, slot)
        material = snapshot.active[slot] = _material(snapshot, slot, entry)
        return material

    def _change(self, act: Callable[[Contents], T], *, fresh_data_key: bool = False) -> T:
        """Let `act` change what the file holds now; write only if it did change."""
        with self._writing, self._file.locked():
            present = self._reload().sealed
            contents = Contents.from_bytes(present.content)
            result = act(contents)
            changed = contents.to_bytes()
            if changed != present.content:
                self._file.replace(present.next(changed, fresh_data_key=fresh_data_key))
                self._reload()
            return result


def _material(snapshot: _Snapshot, slot: Slot, entry: KeyVersion) -> KeyMaterial:
    if found := snapshot.material.get((slot, entry.version)):
        return found
    purpose, domain = slot
    secret = secret_of(entry)
    if not entry.imported:
        secret = subkey(secret, purpose=purpose, domain=domain, version=entry.version)
    material = KeyMaterial(purpose, domain, entry.version, secret)
    snapshot.material[slot, entry.version] = material
    return material


def _ensure(contents: Contents, slot: Slot) -> int:
    found = contents.in_state(slot, KeyState.ACTIVE)
    if found is not None:
        return found.version
    if contents.in_state(slot, KeyState.NEXT):
        return _rotate(contents, slot).version
    if contents.versions(slot):
        raise _no_active(contents, slot)
    return contents.add(slot, KeyState.ACTIVE, now_ms=_now_ms()).version


def _begin_next(contents: Contents, slot: Slot) -> KeyVersion:
    found = contents.in_state(slot, KeyState.NEXT)
    return found or contents.add(slot, KeyState.NEXT, now_ms=_now_ms())


def _rotate(contents: Contents, slot: Slot) -> KeyVersion:
    coming = _begin_next(contents, slot)
    contents.activate(slot, coming.version)
    return contents.at(slot, coming.version)


def _import(contents: Contents, slot: Slot, secret: bytes) -> int:
    found = contents.in_state(slot, KeyState.ACTIVE)
    if found is not None and found.imported and found.secret == secret:
        return found.version
    added = contents.add(slot, KeyState.NEXT, now_ms=_now_ms(), secret=secret)
    contents.activate(slot, added.version)
    return added.version


def _destroy_domain(contents: Contents, domain: str) -> None:
    now_ms = _now_ms()
    for slot in contents.slots():
        if slot[1] == domain:
            for info in contents.versions(slot):
                contents.destroy(slot, info.version, now_ms=now_ms)


def _no_active(contents: Contents, slot: Slot) -> UnknownKeyVersion | KeyDestroyed:
    infos = contents.versions(slot)
    if infos and infos[-1].state is KeyState.DESTROYED:
        return KeyDestroyed(f"the {slot[0]} key of this domain was destroyed")
    return UnknownKeyVersion(f"there is no active {slot[0]} key in this domain")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
