"""Where a keyring is kept: one sealed whole, read with a stamp, exchanged by one writer at a time.

A store never sees a key: what it holds is sealed. Whatever it is, it lies outside of the database whose rows the
keys open, because a backup of that database must not bring destroyed keys back.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """One reading: the sealed keyring, and a stamp that changes whenever it is exchanged."""

    data: bytes = field(repr=False)
    stamp: Hashable


class KeyringStore(Protocol):
    """A place for one keyring. It raises `KeyringDamaged` if there is none, `KeyringUnreachable` if it is away."""

    def create(self, data: bytes) -> None:
        """Put the first generation in a place that must be empty.

        Raises:
            FileExistsError: there is a keyring already; it is left as it was.
        """
        ...

    def read(self) -> Stored:
        """Give one generation as a whole, never parts of two."""
        ...

    def stamp(self) -> Hashable:
        """Tell whether it was exchanged, without reading it."""
        ...

    def exchange(self, change: Callable[[Stored], bytes | None]) -> None:
        """Let `change` say what takes the place of what stands there now; None or an error leaves it as it is.

        From reading to writing every other writer is kept out, on every host that may use this store. Once this
        returns, the new generation survives a power cut; before, a crash leaves the old one.
        """
        ...

    def forget(self) -> None:
        """Leave no trace of former generations, as far as the store can do that: after a destruction."""
        ...
