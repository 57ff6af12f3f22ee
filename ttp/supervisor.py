"""The supervisor of ``ttp serve``: gets the root key and holds it, keeps web and worker processes running.

Nothing is served on keys, a database or a clock that do not belong together.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from granian.constants import Interfaces
from granian.server.mp import MPServer

from keys.custody import RootKey
from keys.self_test import run as self_test
from ttp.config import ROOT_SOCKET, Settings
from ttp.connecting import connect
from ttp.core.center_identity import KeyringOutdated
from ttp.core.errors import AlreadyExists, Unavailable
from ttp.core.log_standing import LogInDoubt
from ttp.core.unsealing import Unsealed
from ttp.core_dumps import hide_memory
from ttp.keeping_keyring import bound_to_host, host_name
from ttp.opening import SystemClock, open_center
from ttp.sealed.waiting import wait_for_custodians, wait_for_persons
from ttp.services.custody.fit_keys import require_fit
from ttp.services.custody.hold_keyring import hold_keyring, release_keyring
from ttp.services.custody.record_unsealing import record_unsealing
from ttp.services.peers.hear_witnesses import require_witnesses
from ttp.storage.migrate import is_current, upgrade
from ttp.unlocking import quorum_file, root_of, serve_root, supervised_root

RESPAWN_SECONDS = 1.0
STOP_SECONDS = 10


class DatabaseOutOfDate(Unavailable):
    """The database has not the form this program needs; run 'ttp migrate'."""

    code = "database-out-of-date"


class DatabaseMissing(Unavailable):
    """The embedded database of this home is gone; restore it, for an empty one would answer wrongly."""

    code = "database-missing"


class ServedAlready(AlreadyExists):
    """This home is served already; end that program first."""

    code = "served-already"


def serve(settings: Settings) -> None:
    """Serve the center of this home until SIGTERM or SIGINT; sealed, as long as custodians have to open it.

    Raises:
        ServedAlready: another supervisor serves this home.
        SelfTestFailed, Sealed, CannotUnseal, DatabaseMissing, DatabaseOutOfDate: before anything is served.
        KeysDoNotFit, KeyringOutdated, ClockBehind, LogInDoubt: likewise, once the root is known; where custodians
            entered it, the root is held until two persons have accepted the keyring or the log.
    """
    hide_memory()
    _require_unserved(settings)
    self_test()
    _prepare_database(settings)
    root, opened = _unlocked(settings)
    listener = _fitting(settings, root, opened) or serve_root(settings.home, root)
    os.environ["TTP_HOME"] = str(settings.home)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics = tempfile.mkdtemp(prefix="ttp-metrics-")
    worker = _Kept([sys.executable, "-m", "ttp.worker"])
    logging.getLogger("_granian").addFilter(_is_news)
    try:
        _web(settings).serve()
    finally:
        worker.stop()
        _release(settings, root)
        listener.close()
        root.wipe()
        shutil.rmtree(metrics, ignore_errors=True)
        (settings.home / ROOT_SOCKET).unlink(missing_ok=True)


def _require_unserved(settings: Settings) -> None:
    """Two supervisors of one home would take the socket of the root key from each other."""
    if (held := supervised_root(settings)) is not None:
        held.wipe()
        raise ServedAlready


def _unlocked(settings: Settings) -> tuple[RootKey, Unsealed]:
    if path := quorum_file(settings):
        return wait_for_custodians(settings, path, clock=SystemClock())
    scheme, _, _ = settings.custody_uri.partition(":")
    return root_of(settings), Unsealed(scheme)


def _fitting(settings: Settings, root: RootKey, opened: Unsealed) -> socket.socket | None:
    """Pass if the center may be served. A root that custodians entered is handed out while persons still decide."""
    try:
        _require_fit(settings, root, opened)
    except (LogInDoubt, KeyringOutdated) as error:
        if quorum_file(settings) is None:
            raise
        listener = serve_root(settings.home, root)
        wait_for_persons(settings, error, lambda: _is_accepted(settings, root, opened))
        return listener
    return None


def _is_accepted(settings: Settings, root: RootKey, opened: Unsealed) -> bool:
    try:
        _require_fit(settings, root, opened)
    except (LogInDoubt, KeyringOutdated):
        return False
    return True


def _require_fit(settings: Settings, root: RootKey, opened: Unsealed) -> None:
    center = open_center(settings, root=root)
    try:
        if bound_to_host(settings):
            center.work.run(lambda tx: hold_keyring(center, tx, host=host_name()))
        center.work.run(lambda tx: require_fit(center, tx), write=False)
        require_witnesses(center, connect(center))
        center.work.run(lambda tx: record_unsealing(center, tx, opened))
    finally:
        center.work.close()


def _release(settings: Settings, root: RootKey) -> None:
    """Let another host go on at once; without it, that takes until the hold expires."""
    if not bound_to_host(settings):
        return
    with contextlib.suppress(Exception):  # the end of a center does not fail
        center = open_center(settings, root=root)
        center.work.run(lambda tx: release_keyring(center, tx, host=host_name()))
        center.work.close()


def _prepare_database(settings: Settings) -> None:
    if settings.embedded_database:
        if not Path(settings.database_url.removeprefix("sqlite:///")).is_file():
            raise DatabaseMissing
        upgrade(settings.database_url)
    elif not is_current(settings.database_url):
        raise DatabaseOutOfDate


def _is_news(record: logging.LogRecord) -> bool:
    """Threads beyond the cores are meant: they wait for the database, not for the processor."""
    return "Python threads" not in record.getMessage()


def _web(settings: Settings) -> MPServer:
    return MPServer(
        "ttp.app:from_environment",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1 if settings.embedded_database else settings.web_processes,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,
        workers_kill_timeout=STOP_SECONDS,
    )


class _Kept:
    """A process that is started again whenever it ends, until it is stopped."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._process = subprocess.Popen(command)
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def stop(self) -> None:
        """End the process and let it rest."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(RESPAWN_SECONDS):
                self._process = subprocess.Popen(self._command)
