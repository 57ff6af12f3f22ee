"""The worker: sequences the audit log, sums refusals, runs jobs. Any number may run; leases decide."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ttp.config import load_settings
from ttp.connecting import connect
from ttp.core.center import Center
from ttp.core.federation import Peers
from ttp.initializing import write_trust
from ttp.opening import open_center
from ttp.services.answer_peer import forget_nonces
from ttp.services.collect_cosignatures import collect_cosignatures
from ttp.services.destroy_keys import finish_destructions
from ttp.services.fit_keys import keep_keyring_known
from ttp.services.forget_answers import forget_answers
from ttp.services.record_refusals import record_refusals
from ttp.services.rotate_keys import advance_rotations
from ttp.services.run_task import run_waiting_task
from ttp.services.sequence_leaves import sequence_waiting

_log = logging.getLogger("ttp.worker")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something the worker does again and again. ``act`` returns how much it did; 0 lets it rest ``seconds``."""

    name: str
    seconds: float
    act: Callable[[Center, str], int]


def _sequence(center: Center, holder: str) -> int:
    return sequence_waiting(center, holder=holder)


def _refusals(center: Center, _holder: str) -> int:
    return record_refusals(center)


def _answers(center: Center, _holder: str) -> int:
    return center.work.run(lambda tx: forget_answers(center, tx))


@cache
def _peers(center: Center) -> Peers:
    """One client for all duties: it keeps its connections."""
    return connect(center)


def _tasks(center: Center, _holder: str) -> int:
    return run_waiting_task(center, _peers(center))


def _cosignatures(center: Center, _holder: str) -> int:
    return collect_cosignatures(center, _peers(center))


def _nonces(center: Center, _holder: str) -> int:
    return center.work.run(lambda tx: forget_nonces(center, tx))


def _trust(center: Center, _holder: str) -> int:
    return write_trust(Path(os.environ["TTP_HOME"]), center)


def _keyring(center: Center, _holder: str) -> int:
    return keep_keyring_known(center)


def _keys(center: Center, holder: str) -> int:
    return finish_destructions(center) + advance_rotations(center, holder=holder)


DUTIES: tuple[Duty, ...] = (
    Duty("sequence", 0.2, _sequence),
    Duty("refusals", 20.0, _refusals),
    Duty("answers", 600.0, _answers),
    Duty("keys", 1.0, _keys),
    Duty("keyring", 5.0, _keyring),
    Duty("tasks", 1.0, _tasks),
    Duty("cosignatures", 30.0, _cosignatures),
    Duty("nonces", 60.0, _nonces),
    Duty("trust", 15.0, _trust),
)


def work(center: Center, stop: threading.Event, duties: tuple[Duty, ...] = DUTIES) -> None:
    """Do all duties, each in its own thread, until ``stop`` is set."""
    holder = f"{os.uname().nodename}:{os.getpid()}"[:63]
    threads = [
        threading.Thread(target=_keep, args=(center, stop, duty, holder), name=duty.name)
        for duty in duties
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Run the worker of the home in ``TTP_HOME`` until it is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(open_center(load_settings(Path(os.environ["TTP_HOME"]))), stop)


def _keep(center: Center, stop: threading.Event, duty: Duty, holder: str) -> None:
    while not stop.is_set():
        try:
            done = duty.act(center, holder)
        except Exception as error:
            _log.error("duty %s failed: %s", duty.name, type(error).__name__)
            done = 0
        if not done:
            stop.wait(duty.seconds)


if __name__ == "__main__":
    main()
