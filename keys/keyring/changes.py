"""Changes of a keyring's contents, each a whole: what one writer does while all others wait."""

import time

from keys.errors import KeyDestroyed, UnknownKeyVersion
from keys.keyring.contents import Contents, KeyVersion, Slot
from keys.keyring.words import KeyState


def ensure(contents: Contents, slot: Slot) -> int:
    """Make sure there is an active version, and tell its number.

    Raises:
        KeyDestroyed: the slot's newest key was destroyed; `rotate` starts anew, on purpose.
        UnknownKeyVersion: it has versions, but none that was ever active.
    """
    found = contents.in_state(slot, KeyState.ACTIVE)
    if found is not None:
        return found.version
    if contents.in_state(slot, KeyState.NEXT):
        return rotate(contents, slot).version
    if contents.versions(slot):
        raise no_active(contents, slot)
    return contents.add(slot, KeyState.ACTIVE, now_ms=now_ms()).version


def begin_next(contents: Contents, slot: Slot) -> KeyVersion:
    """The version that comes next, drawn unless it was before."""
    found = contents.in_state(slot, KeyState.NEXT)
    return found or contents.add(slot, KeyState.NEXT, now_ms=now_ms())


def rotate(contents: Contents, slot: Slot) -> KeyVersion:
    """Make the next version the active one."""
    coming = begin_next(contents, slot)
    contents.activate(slot, coming.version)
    return contents.at(slot, coming.version)


def take_in(contents: Contents, slot: Slot, secret: bytes) -> int:
    """Make a secret from elsewhere the active version, unless it is so already."""
    found = contents.in_state(slot, KeyState.ACTIVE)
    if found is not None and found.imported and found.secret == secret:
        return found.version
    added = contents.add(slot, KeyState.NEXT, now_ms=now_ms(), secret=secret)
    contents.activate(slot, added.version)
    return added.version


def destroy(contents: Contents, slot: Slot, version: int) -> None:
    """Forget the secret of one version."""
    contents.destroy(slot, version, now_ms=now_ms())


def destroy_domain(contents: Contents, domain: str) -> None:
    """Forget the secrets of every version of every purpose of a domain."""
    now = now_ms()
    for slot in contents.slots():
        if slot[1] == domain:
            for info in contents.versions(slot):
                contents.destroy(slot, info.version, now_ms=now)


def no_active(contents: Contents, slot: Slot) -> UnknownKeyVersion | KeyDestroyed:
    """Why there is no active version."""
    infos = contents.versions(slot)
    if infos and infos[-1].state is KeyState.DESTROYED:
        return KeyDestroyed(f"the {slot[0]} key of this domain was destroyed")
    return UnknownKeyVersion(f"there is no active {slot[0]} key in this domain")


def now_ms() -> int:
    """The time in Unix milliseconds."""
    return time.time_ns() // 1_000_000
