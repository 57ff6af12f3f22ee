"""Initializing: a new home becomes a trust center: settings, sealed root, keyring, database, trust file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from keys.custody.file import create as create_root
from keys.durable import replace_durably
from keys.keyring import Keyring, Purpose
from keys.randomness import random_token
from ttp.config import (
    KEYRING_FILE,
    ROOT_FILE,
    SETTINGS_FILE,
    TRUST_FILE,
    UNLOCK_FILE,
    Settings,
    write_settings,
)
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import AlreadyExists
from ttp.core.names import slug
from ttp.opening import open_center
from ttp.services.describe_trust import describe_trust, trusted_witnesses
from ttp.services.record_leaf import Act, record_leaf
from ttp.storage.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Initialized:
    """A new center, and whether its passphrase was written to the home because nobody gave one."""

    center: Center
    wrote_unlock: bool


def initialize(settings: Settings, *, passphrase: bytes | None) -> Initialized:
    """Make a center in an empty or missing home.

    Without a passphrase one is drawn and written to ``unlock`` (mode 0600): such a home starts by itself
    and is only as safe as its disk.

    Raises:
        AlreadyExists: the home holds a center. InvalidName: the center's name is not acceptable.
    """
    home = settings.home
    slug(settings.name, of="center")
    if (home / SETTINGS_FILE).exists() or (home / ROOT_FILE).exists():
        raise AlreadyExists("This home holds a center already.")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    wrote_unlock = passphrase is None
    if passphrase is None:
        passphrase = random_token().encode()
        _write_private(home / UNLOCK_FILE, passphrase + b"\n")
    root = create_root(home / ROOT_FILE, passphrase=passphrase)
    keyring = Keyring.create(home / KEYRING_FILE, root=root)
    for purpose in (
        Purpose.AUDIT,
        Purpose.SIGNING,
        Purpose.TRANSPORT,
        Purpose.CLIENT,
        Purpose.SESSION,
    ):
        keyring.ensure(purpose)
    upgrade(settings.database_url)
    write_settings(settings)
    center = open_center(settings, root=root)
    write_trust(home, center)
    center.work.run(lambda tx: record_leaf(center, tx, OPERATOR, Act("center.initialized")))
    return Initialized(center, wrote_unlock)


def write_trust(home: Path, center: Center) -> bool:
    """Write the center's own trust file, its public keys and those of its witnesses; False when it is so already."""
    witnesses = center.work.run(trusted_witnesses, write=False)
    text = json.dumps(describe_trust(center, witnesses), indent=2) + "\n"
    path = home / TRUST_FILE
    if path.exists() and path.read_text("utf-8") == text:
        return False
    replace_durably(path, text.encode())
    return True


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
