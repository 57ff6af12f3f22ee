"""Center identity: a database is served with its own keyring only, never with an older state of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ttp.core.errors import Unavailable


class KeysDoNotFit(Unavailable):
    """The keyring of this home is not the one this database was written with."""

    code = "keys-do-not-fit"


class KeyringOutdated(Unavailable):
    """The keyring is older than the one this database was served with last: it may revive destroyed keys."""

    code = "keyring-outdated"


class KeyringNotApart(Unavailable):
    """The keyring must not lie in the center's own database: its backups would bring destroyed keys back."""

    code = "keyring-not-apart"


class KeyringNotShared(Unavailable):
    """Another host serves this database with a keyring in a file: give all hosts one with the setting 'keyring'."""

    code = "keyring-not-shared"


@dataclass(frozen=True, slots=True)
class CenterIdentity:
    """A keyring (its fingerprint) and how many changes it has seen."""

    keyring: str
    generation: int

    def accept(self, found: CenterIdentity) -> None:
        """Pass if ``found`` is this keyring, in this state or a later one.

        Raises:
            KeysDoNotFit: it is another one. KeyringOutdated: it is an older state; ``facts`` name both generations.
        """
        if found.keyring != self.keyring:
            raise KeysDoNotFit
        if found.generation < self.generation:
            raise KeyringOutdated(
                f"The keyring stands at generation {found.generation}, but this database was served"
                f" with generation {self.generation}: restore the newer keyring.",
                found=found.generation,
                known=self.generation,
            )


class CenterIdentityStore(Protocol):
    """Where a database remembers its keyring."""

    def get(self) -> CenterIdentity | None:
        """The keyring it was served with last, in the latest state seen; None before the first start."""
        ...

    def put(self, identity: CenterIdentity) -> None:
        """Remember this keyring in this state, unless a later one is remembered already."""
        ...
