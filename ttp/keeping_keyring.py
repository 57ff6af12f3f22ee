"""Keeping the keyring: in a file of the home for one host, in a database of its own for several hosts."""

from __future__ import annotations

import os
from pathlib import Path

from keys.custody import RootKey
from keys.errors import KeyringDamaged
from keys.keyring import Keyring, KeyringStore
from ttp.config import KEYRING_FILE, Settings
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists
from ttp.services.custody.fit_keys import require_keyring
from ttp.services.custody.hold_keyring import require_keyring_here
from ttp.storage.keyring_store import DatabaseStore


def keyring_place(settings: Settings) -> Path | KeyringStore:
    """Where the settings keep the keyring."""
    if settings.keyring:
        return DatabaseStore(settings.keyring)
    return settings.home / KEYRING_FILE


def open_keyring(settings: Settings, *, root: RootKey) -> Keyring:
    """The keyring of a home.

    Raises:
        KeyringNotApart: it lies in the center's own database.
        KeyringDamaged, KeyringUnreachable: it is not there, does not open, or does not answer.
    """
    require_keyring_apart(settings)
    return Keyring.open(keyring_place(settings), root=root)


def require_keyring_apart(settings: Settings) -> None:
    """Pass if the keyring does not lie in the database whose rows its keys open.

    Raises:
        KeyringNotApart: it does. KeyringUnreachable: nobody can tell.
    """
    if settings.keyring:
        store = DatabaseStore(settings.keyring)
        try:
            store.require_apart(settings.database_url)
        finally:
            store.close()


def require_keyring_free(settings: Settings) -> None:
    """Pass if a new keyring can be made where the settings say.

    Raises:
        KeyringNotApart, KeyringUnreachable: see `require_keyring_apart`. AlreadyExists: there is one.
    """
    require_keyring_apart(settings)
    if not settings.keyring:
        return
    store = DatabaseStore(settings.keyring)
    try:
        store.stamp()
    except KeyringDamaged:
        return
    finally:
        store.close()
    raise AlreadyExists("The database that the setting 'keyring' names holds a keyring already.")


def bound_to_host(settings: Settings) -> bool:
    """Whether one host alone may serve this home's database: another one's keyring file would drift apart."""
    return not settings.keyring and not settings.embedded_database


def host_name() -> str:
    """This host, as leases name it."""
    return os.uname().nodename[:63]


def require_keyring_fits(settings: Settings, center: Center) -> None:
    """Pass if a command may write: the keyring is the database's own, and no other host's file is in use.

    Raises:
        KeysDoNotFit, KeyringOutdated, KeyringNotShared: otherwise.
    """
    center.work.run(lambda tx: require_keyring(center, tx), write=False)
    if bound_to_host(settings):
        host = host_name()
        center.work.run(lambda tx: require_keyring_here(center, tx, host=host), write=False)


def keyring_shares_server(settings: Settings) -> bool:
    """Whether one physical backup of a PostgreSQL server holds both, and revives what was destroyed."""
    if not settings.keyring:
        return False
    store = DatabaseStore(settings.keyring)
    try:
        return store.shares_server(settings.database_url)
    finally:
        store.close()
