"""Waiting for shares: three listeners as long as the center is sealed, none of them afterwards."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from keys.custody import RootKey
from ttp.config import UNSEAL_SOCKET, Settings
from ttp.core.errors import TTPError
from ttp.core.ports import Clock
from ttp.core.unsealing import Unsealed
from ttp.sealed.answers import AdminAnswers, application, refusing_answer, sealed_answer
from ttp.sealed.unsealing import Unsealing

SECONDS_A_REQUEST = 10
SECONDS_BETWEEN_LOOKS = 2

_log = logging.getLogger("ttp.sealed")


class _Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request, and waits for nobody for ever."""

    timeout = SECONDS_A_REQUEST

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def version_string(self) -> str:
        """Name no version to whom it does not concern."""
        return "ttp"


def wait_for_custodians(
    settings: Settings, path: Path, *, clock: Clock
) -> tuple[RootKey, Unsealed]:
    """Serve as a sealed center until enough custodians have entered their shares; then the ports are free again.

    Raises:
        CannotUnseal: the custody file cannot be used.
    """
    unsealing = Unsealing(path, clock=clock)
    everyone = application(lambda request: sealed_answer(request, unsealing))
    custodians = application(AdminAnswers(settings, unsealing))
    with ExitStack() as stack:
        stack.callback(unsealing.forget)
        stack.enter_context(_ending_at_sigterm())
        stack.enter_context(_listening(settings.admin_host, settings.admin_port, custodians))
        stack.enter_context(_socket_in(settings.home, custodians))
        stack.enter_context(_listening(settings.host, settings.port, everyone))
        return unsealing.await_root()


def wait_for_persons(settings: Settings, error: TTPError, is_accepted: Callable[[], bool]) -> None:
    """Answer everybody why nothing is served, until persons have accepted it; then the port is free again."""
    everyone = application(lambda request: refusing_answer(request, error))
    with ExitStack() as stack:
        stack.enter_context(_ending_at_sigterm())
        stack.enter_context(_listening(settings.host, settings.port, everyone))
        _log.warning("%s: %s", error.code, error.detail)
        while not is_accepted():
            time.sleep(SECONDS_BETWEEN_LOOKS)


@contextmanager
def _listening(host: str, port: int, app: Callable[..., object]) -> Iterator[BaseWSGIServer]:
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)  # type: ignore[arg-type] # werkzeug's own decorator is typed wider
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True, name="sealed")
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _socket_in(home: Path, app: Callable[..., object]) -> Iterator[None]:
    """A Unix socket that only this user can open."""
    path = home / UNSEAL_SOCKET
    path.unlink(missing_ok=True)
    umask = os.umask(0o177)
    try:
        server = _listening(f"unix://{path}", 0, app)
        with server:
            os.umask(umask)
            yield
    finally:
        os.umask(umask)
        path.unlink(missing_ok=True)


@contextmanager
def _ending_at_sigterm() -> Iterator[None]:
    """Let SIGTERM end the wait in order, so that shares are wiped."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
