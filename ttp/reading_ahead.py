"""Reading ahead: a web process keeps its candidate index up to date in the background, from its start on.

Registrations are refused while much is missing, pseudonyms are served meanwhile; `/readyz` tells which it is.
"""

from __future__ import annotations

import logging
from threading import Event, Thread

from ttp.core.center import Center
from ttp.services.persons.load_index import keep_index_loaded

_log = logging.getLogger("ttp.index")
_AFTER_FAILURE = 5.0


def read_ahead(center: Center) -> Event:
    """Begin; setting the event ends it."""
    stop = Event()
    Thread(target=_read, args=(center, stop), name="reading ahead", daemon=True).start()
    return stop


def _read(center: Center, stop: Event) -> None:
    while not stop.is_set():
        try:
            keep_index_loaded(center, stop)
        except Exception as error:
            _log.error("reading ahead failed: %s", type(error).__name__)
            stop.wait(_AFTER_FAILURE)
