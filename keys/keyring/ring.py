"""The keyring: every key has one purpose and one domain, and destroying it is for good.

Readers never wait for writers: they use a snapshot in memory. A change keeps other writers
out of the store, reads what they wrote, changes it and replaces the whole, so several
processes (and hosts, where the store serves several) lose nothing. A snapshot is looked at
again after 100 ms, and at once when a key is missed.
"""

import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from keys.custody.root_key import RootKey
from keys.derive import subkey
from keys.errors import KeyringDamaged, UnknownKeyVersion
from keys.keyring import changes
from keys.keyring.contents import Contents, KeyVersion, Slot, secret_of
from keys.keyring.file_store import FileStore
from keys.keyring.sealing import Sealed, Sealing
from keys.keyring.store import KeyringStore, Stored
from keys.keyring.words import KeyMaterial, KeyState, KeyVersionInfo, Purpose

STALE_AFTER_SECONDS = 0.1
T = TypeVar("T")


class _Snapshot:
    """One generation in memory, with the material derived from it so far."""

    __slots__ = ("active", "contents", "material", "sealed", "stamp")

    def __init__(self, sealed: Sealed, stamp: Hashable) -> None:
        self.sealed = sealed
        self.stamp = stamp
        self.contents = Contents.from_bytes(sealed.content)
        self.active: dict[Slot, KeyMaterial] = {}
        self.material: dict[tuple[Slot, int], KeyMaterial] = {}


class Keyring:
    """All keys of one center below its root; safe for threads and for all processes that its store serves."""

    def __init__(self, store: KeyringStore, root: RootKey) -> None:
        self._store = store
        self._sealing = Sealing(root)
        self._writing = threading.Lock()
        self._reading = threading.RLock()
        stored = store.read()
        self._snapshot = _Snapshot(self._sealing.open(stored.data), stored.stamp)
        self._stale_at = time.monotonic() + STALE_AFTER_SECONDS

    @classmethod
    def create(cls, place: Path | KeyringStore, *, root: RootKey) -> "Keyring":
        """Start an empty keyring in a file that must not exist, or in another store that is empty.

        Raises:
            FileExistsError: there is a keyring already; it is left as it was.
        """
        store = _store(place)
        store.create(Sealing(root).seal(Sealed.first(Contents().to_bytes())))
        return cls(store, root)

    @classmethod
    def open(cls, place: Path | KeyringStore, *, root: RootKey) -> "Keyring":
        """Open an existing keyring in a file or in another store.

        Raises:
            KeyringDamaged: missing, damaged, or sealed under another root.
        """
        return cls(_store(place), root)

    def fingerprint(self) -> str:
        """Identify this keyring (32 hex characters); stays the same for its whole life."""
        return self._snapshot.sealed.keyring_id.hex()

    def generation(self) -> int:
        """Count the changes since creation; a restored older file shows a smaller number."""
        return self._current().sealed.generation

    def sealed_copy(self) -> tuple[int, bytes]:
        """Give the present generation and the whole as it is, sealed under the root, for a backup."""
        with self._reading:
            stored = self._store.read()
            return self._adopt(stored).sealed.generation, stored.data

    def ensure(self, purpose: Purpose, domain: str = "") -> int:
        """Make sure there is an active key, and tell its version.

        Raises:
            KeyDestroyed: the key was destroyed; only `rotate` starts anew, on purpose.
        """
        slot = (purpose, domain)
        if found := self._current().contents.in_state(slot, KeyState.ACTIVE):
            return found.version
        return self._change(lambda contents: changes.ensure(contents, slot))

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
            UnknownKeyVersion: there never was one, even after looking at the store again.
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
        entry = self._change(lambda contents: changes.begin_next(contents, slot))
        return self.at(purpose, domain, entry.version)

    def rotate(self, purpose: Purpose, domain: str = "") -> KeyMaterial:
        """Make the next version active and retire the present one.

        The version `begin_next` drew is taken, else one is drawn now.
        """
        slot = (purpose, domain)
        entry = self._change(lambda contents: changes.rotate(contents, slot))
        return self.at(purpose, domain, entry.version)

    def import_secret(self, purpose: Purpose, domain: str, secret: bytes) -> int:
        """Take in 32 bytes shared with other centers and make them the active version.

        Such a key is handed out as it is, not derived: all who share it must hold the same
        bytes, whatever version number each gave it. The same active secret again is no change.

        Raises:
            SecretTooShort: not 32 bytes.
        """
        return self._change(lambda contents: changes.take_in(contents, (purpose, domain), secret))

    def destroy(self, purpose: Purpose, domain: str, version: int) -> None:
        """Destroy one version for good; what it sealed cannot be read again.

        The whole is written anew under a new data key. Repeating it changes nothing.

        Raises:
            UnknownKeyVersion: there never was one.
        """
        slot = (purpose, domain)
        self._change(lambda contents: changes.destroy(contents, slot, version), destroying=True)

    def destroy_domain(self, domain: str) -> None:
        """Destroy every version of every purpose of one domain, in one change."""
        self._change(lambda contents: changes.destroy_domain(contents, domain), destroying=True)

    def outgrow(self, generation: int) -> None:
        """Go on at a generation after this one, so that none up to it is ever taken for a later state."""
        self._change(lambda _: None, beyond=generation)

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
            if self._store.stamp() != self._snapshot.stamp:
                self._reload()
            self._stale_at = time.monotonic() + STALE_AFTER_SECONDS

    def _reload(self) -> _Snapshot:
        with self._reading:
            return self._adopt(self._store.read())

    def _adopt(self, stored: Stored) -> _Snapshot:
        """Take the newest reading as the present state, unless it would bring destroyed keys back."""
        sealed = self._sealing.open(stored.data)
        with self._reading:
            known = self._snapshot.sealed
            if sealed.keyring_id != known.keyring_id or sealed.generation < known.generation:
                raise KeyringDamaged("the keyring was replaced by another or an older one")
            if sealed.generation > known.generation:
                self._snapshot = _Snapshot(sealed, stored.stamp)
            elif sealed.content == known.content:
                self._snapshot.stamp = stored.stamp
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
            raise changes.no_active(snapshot.contents, slot)
        material = snapshot.active[slot] = _material(snapshot, slot, entry)
        return material

    def _change(
        self, act: Callable[[Contents], T], *, destroying: bool = False, beyond: int = 0
    ) -> T:
        """Let `act` change what the store holds now; exchange it only if it did change, or to get `beyond`."""
        results: list[T] = []

        def change(stored: Stored) -> bytes | None:
            present = self._adopt(stored).sealed
            contents = Contents.from_bytes(present.content)
            results.append(act(contents))
            changed = contents.to_bytes()
            if changed == present.content and present.generation > beyond:
                return None
            following = present.next(changed, fresh_data_key=destroying, beyond=beyond)
            return self._sealing.seal(following)

        with self._writing:
            self._store.exchange(change)
            if destroying:
                self._store.forget()
            self._reload()
        return results[-1]


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


def _store(place: Path | KeyringStore) -> KeyringStore:
    return FileStore(place) if isinstance(place, Path) else place
