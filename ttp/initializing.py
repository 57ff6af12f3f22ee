"""Initializing: a new home becomes a trust center: settings, sealed root, keyring, database, trust file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from keys.durable import replace_durably
from keys.keyring import Keyring, Purpose
from ttp.config import (
    QUORUM_FILE,
    ROOT_FILE,
    SETTINGS_FILE,
    TRUST_FILE,
    Settings,
    write_settings,
)
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists
from ttp.core.event_kinds import EventKind
from ttp.core.names import slug
from ttp.core.ports import Transaction
from ttp.keeping_keyring import keyring_place, require_keyring_free
from ttp.making_root import Custodians, MadeRoot, make_root
from ttp.opening import open_center
from ttp.services.custody.fit_keys import remember_keyring
from ttp.services.log.keep_anchor import begin_anchor
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.describe_trust import describe_trust, trusted_witnesses
from ttp.storage.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Initialized:
    """A new center, and how its root was made: the sheets of its custodians, if they hold it, stand nowhere else."""

    center: Center
    made: MadeRoot

    @property
    def wrote_unlock(self) -> bool:
        """Whether the passphrase was written to the home because nobody gave one."""
        return self.made.wrote_unlock


def initialize(
    settings: Settings, *, passphrase: bytes | None, custodians: Custodians | None = None
) -> Initialized:
    """Make a center in an empty or missing home, its root in the custody that the settings name.

    Without a passphrase, ``file:`` custody draws one and writes it to ``unlock`` (mode 0600): such a home starts by
    itself and is only as safe as its disk. For ``pkcs11:`` it is the PIN; ``quorum:`` takes ``custodians`` instead.

    Raises:
        AlreadyExists: the home holds a center. InvalidName: the center's name is not acceptable.
        CustodyUnknown, QuorumImpossible, CannotUnseal: the custody cannot be made.
        KeyringNotApart, KeyringUnreachable: the keyring cannot lie in the database that the settings name.
    """
    home = settings.home
    slug(settings.name, of="center")
    if any((home / name).exists() for name in (SETTINGS_FILE, ROOT_FILE, QUORUM_FILE)):
        raise AlreadyExists("This home holds a center already.")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = keyring_place(settings)
    upgrade(settings.database_url)
    require_keyring_free(settings)
    made = make_root(settings, passphrase=passphrase, custodians=custodians)
    keyring = Keyring.create(place, root=made.root)
    for purpose in (
        Purpose.AUDIT,
        Purpose.SIGNING,
        Purpose.TRANSPORT,
        Purpose.CLIENT,
        Purpose.SESSION,
    ):
        keyring.ensure(purpose)
    write_settings(settings)
    center = open_center(settings, root=made.root)
    write_trust(home, center)
    center.work.run(lambda tx: _record(center, tx))
    begin_anchor(center)
    return Initialized(center, made)


def write_trust(home: Path, center: Center) -> bool:
    """Write the center's own trust file, its public keys and those of its witnesses; False when it is so already."""
    witnesses = center.work.run(trusted_witnesses, write=False)
    text = json.dumps(describe_trust(center, witnesses), indent=2) + "\n"
    path = home / TRUST_FILE
    if path.exists() and path.read_text("utf-8") == text:
        return False
    replace_durably(path, text.encode())
    return True


def _record(center: Center, tx: Transaction) -> None:
    record_leaf(center, tx, OPERATOR, Act(EventKind.CENTER_INITIALIZED))
    remember_keyring(center, tx)
