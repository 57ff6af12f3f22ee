"""Hold the keyring: where it is a file, one host serves the database; keyrings of two hosts would drift apart.

The hold is a lease in the database, renewed by the worker. A host that lost it stops; one that died without giving
it up is followed after half a minute.
"""

from __future__ import annotations

from ttp.core.center import Center
from ttp.core.center_identity import KeyringNotShared
from ttp.core.ports import Transaction

LEASE = "keyring-file"
SECONDS = 30


def hold_keyring(center: Center, tx: Transaction, *, host: str) -> None:
    """Begin or go on serving as the one host.

    Raises:
        KeyringNotShared: another host does.
    """
    if not tx.audit.take_lease(LEASE, host, now=center.clock.now(), seconds=SECONDS):
        raise KeyringNotShared


def release_keyring(center: Center, tx: Transaction, *, host: str) -> None:
    """Let another host serve at once; nothing happens if one does already."""
    tx.audit.take_lease(LEASE, host, now=center.clock.now(), seconds=0)


def require_keyring_here(center: Center, tx: Transaction, *, host: str) -> None:
    """Pass if no other host serves; changes nothing.

    Raises:
        KeyringNotShared: one does, with a keyring of its own.
    """
    holder = tx.audit.lease_holder(LEASE, now=center.clock.now())
    if holder not in {None, host}:
        raise KeyringNotShared
