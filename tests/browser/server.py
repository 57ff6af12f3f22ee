"""A center served over HTTP by threads of the test, its worker included, for as long as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.pages.people import make_person
from ttp.app import create_app
from ttp.config import Settings
from ttp.core.access import STAFF_ROLES
from ttp.core.center import Center
from ttp.initializing import initialize
from ttp.worker import DUTIES, work

PASSPHRASE = b"a passphrase for tests only"
SEQUENCER = tuple(duty for duty in DUTIES if duty.name == "sequence")


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


def center_on(home: Path, port: int, *, role: str = "local", four_eyes: str = "demo") -> Center:
    """A new center whose public URL is this port, with an account of every role."""
    settings = Settings(
        home, name="nord", role=role, four_eyes=four_eyes, public_url=f"http://127.0.0.1:{port}"
    )
    center = initialize(settings, passphrase=PASSPHRASE).center
    for each in sorted(STAFF_ROLES):
        make_person(center, each)
    return center


@contextmanager
def served(home: Path, *, role: str = "local", four_eyes: str = "demo") -> Iterator[Center]:
    """The center, served until the block ends."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    center = center_on(home, server.port, role=role, four_eyes=four_eyes)
    server.app = create_app(center)
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=work, args=(center, stop, SEQUENCER), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield center
    finally:
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join(timeout=30)
