"""Unlocking: the supervisor of ``ttp serve`` holds the root key and hands it to processes of the same user.

Order of unlock: the supervisor's socket first. Then for ``file:`` custody the passphrase and for ``pkcs11:`` the PIN,
from ``TTP_UNLOCK_FILE``, the systemd credential ``ttp-unlock``, the home's ``unlock`` file, or a prompt where there is
a terminal; a PIN that its URI says where to find is asked for nowhere. For ``quorum:`` the shares, at the terminal
only: a file with enough of them would be a passphrase.
"""

from __future__ import annotations

import getpass
import os
import socket
import struct
import sys
import threading
from pathlib import Path

from keys.custody import RootKey, open_custody
from keys.custody.pkcs11 import HSMKey
from keys.custody.quorum import Collector, Statement
from keys.errors import CannotUnseal
from ttp.config import ROOT_SOCKET, UNLOCK_FILE, Settings
from ttp.core.errors import Sealed
from ttp.core_dumps import forbid_core_dumps

ROOT_LENGTH = 32
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


def root_of(settings: Settings) -> RootKey:
    """The root key, from the supervisor if one serves this home, else from custody.

    Raises:
        Sealed: nothing unlocks the home. CannotUnseal: the passphrase, PIN or custody file is wrong.
    """
    return supervised_root(settings) or _from_custody(settings)


def supervised_root(settings: Settings) -> RootKey | None:
    """The root key as the supervisor of this home hands it out; None where none serves.

    Whoever wants the root asks here first, so from here on the process dumps no core.
    """
    forbid_core_dumps()
    return _from_socket(settings.home / ROOT_SOCKET)


def quorum_file(settings: Settings) -> Path | None:
    """The statement of the quorum that opens this home; None if another custody does."""
    scheme, _, place = settings.custody_uri.partition(":")
    return Path(place) if scheme == "quorum" else None


def _from_custody(settings: Settings) -> RootKey:
    uri = settings.custody_uri
    if path := quorum_file(settings):
        return _from_custodians(path)
    if uri.startswith("pkcs11:") and HSMKey.parse(uri).pin_source is not None:
        return open_custody(uri, passphrase=b"")
    return open_custody(uri, passphrase=passphrase_of(settings))


def _from_custodians(path: Path) -> RootKey:
    """Ask for shares at the terminal until they open; what is wrong with one is said at once."""
    if not sys.stdin.isatty():
        raise Sealed("The home is sealed: serve it and let its custodians enter their shares.")
    with Collector(Statement.read(path)) as collector:
        while collector.missing:
            try:
                collector.add(getpass.getpass(f"Share ({collector.missing} missing): "))
            except CannotUnseal as error:
                print(error, file=sys.stderr)
        return collector.root()


def passphrase_of(settings: Settings) -> bytes:
    """The passphrase or PIN that unlocks the home.

    Raises:
        Sealed: there is none.
    """
    for path in _unlock_files(settings):
        if path.is_file():
            return path.read_bytes().removesuffix(b"\n")
    if sys.stdin.isatty():
        return getpass.getpass(f"Passphrase or PIN of {settings.name}: ").encode()
    if named := os.environ.get("TTP_UNLOCK_FILE"):
        raise Sealed(
            f"The home is sealed, and the file that TTP_UNLOCK_FILE names is missing: {named}"
        )
    raise Sealed("The home is sealed: give TTP_UNLOCK_FILE or a systemd credential 'ttp-unlock'.")


def serve_root(home: Path, root: RootKey) -> socket.socket:
    """Hand the root to processes of this user through a socket in the home, until it is closed."""
    path = home / ROOT_SOCKET
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    umask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(umask)
    listener.listen(16)
    threading.Thread(target=_hand_out, args=(listener, root), daemon=True, name="root").start()
    return listener


def _unlock_files(settings: Settings) -> list[Path]:
    files = [Path(os.environ["TTP_UNLOCK_FILE"])] if "TTP_UNLOCK_FILE" in os.environ else []
    if "CREDENTIALS_DIRECTORY" in os.environ:
        files.append(Path(os.environ["CREDENTIALS_DIRECTORY"]) / "ttp-unlock")
    return [*files, settings.home / UNLOCK_FILE]


def _from_socket(path: Path) -> RootKey | None:
    if not path.exists():
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            return _received(connection)
    except OSError:
        return None


def _received(connection: socket.socket) -> RootKey | None:
    """The root key, straight into its place; nothing of an incomplete one is kept."""
    root = RootKey(ROOT_LENGTH)
    have = 0
    with memoryview(root) as place:
        while have < ROOT_LENGTH and (more := connection.recv_into(place[have:])):
            have += more
    if have == ROOT_LENGTH:
        return root
    root.wipe()
    return None


def _hand_out(listener: socket.socket, root: RootKey) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            credentials = connection.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
            )
            _, user, _ = _CREDENTIALS.unpack(credentials)
            if user == os.getuid():
                connection.sendall(root)
