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
from ttp.core.center_identity import KeyringNotShared
from ttp.core.federation import Peers
from ttp.core.webhooks import Targets
from ttp.core_dumps import hide_memory
from ttp.initializing import write_trust
from ttp.keeping_keyring import bound_to_host, host_name
from ttp.opening import open_center
from ttp.orphans import end_with_parent
from ttp.peering.webhooks import HttpWebhookSender
from ttp.services.approvals.decide_approval import expire_approvals
from ttp.services.cases.arrange_cases import bring_back
from ttp.services.custody.destroy_keys import finish_destructions
from ttp.services.custody.fit_keys import keep_keyring_known
from ttp.services.custody.hold_keyring import hold_keyring
from ttp.services.custody.rotate_keys import advance_rotations
from ttp.services.domains.warn_of_full_domains import warn_of_full_domains
from ttp.services.events.deliver_webhooks import deliver_webhooks
from ttp.services.log.check_log import watch_log
from ttp.services.log.keep_anchor import keep_anchor
from ttp.services.log.record_refusals import record_refusals
from ttp.services.log.sequence_leaves import BATCH, sequence_waiting
from ttp.services.peers.accept_statements import fetch_statements
from ttp.services.peers.announce_keys import tell_peers
from ttp.services.peers.answer_peer import forget_nonces
from ttp.services.peers.collect_cosignatures import collect_cosignatures
from ttp.services.peers.hear_witnesses import watch_witnesses
from ttp.services.peers.revoke_signing_key import finish_revocation
from ttp.services.projects.announce_linkage_secret import announce_waiting_secrets
from ttp.services.projects.end_linkage_secrets import destroy_ended_secrets
from ttp.services.pseudonyms.expire_pseudonyms import expire_pseudonyms
from ttp.services.quality.draw_checks import draw_second_opinions
from ttp.services.transport.exchange_transfer import forget_transfers
from ttp.services.work.forget_answers import forget_answers
from ttp.services.work.run_task import run_waiting_task

_log = logging.getLogger("ttp.worker")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something the worker does again and again. ``act`` returns how much it did; 0 lets it rest ``seconds``."""

    name: str
    seconds: float
    act: Callable[[Center, str], int]


def _sequence(center: Center, holder: str) -> int:
    """Only a full batch means that more waits: under load few leaves at a time would each cost a checkpoint."""
    placed = sequence_waiting(center, holder=holder)
    return placed if placed >= BATCH else 0


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


def _anchor(center: Center, _holder: str) -> int:
    return keep_anchor(center)


def _witnesses(center: Center, _holder: str) -> int:
    watch_witnesses(center, _peers(center))
    return 0


def _log_watch(center: Center, _holder: str) -> int:
    watch_log(center)
    return 0


def _nonces(center: Center, _holder: str) -> int:
    return center.work.run(lambda tx: forget_nonces(center, tx))


def _trust(center: Center, _holder: str) -> int:
    return write_trust(Path(os.environ["TTP_HOME"]), center)


def _keyring(center: Center, _holder: str) -> int:
    return keep_keyring_known(center)


def _approvals(center: Center, _holder: str) -> int:
    return expire_approvals(center)


def _postponed(center: Center, _holder: str) -> int:
    return bring_back(center)


def _keys(center: Center, holder: str) -> int:
    return finish_destructions(center) + advance_rotations(center, holder=holder)


def _announcements(center: Center, _holder: str) -> int:
    return finish_revocation(center) + tell_peers(center, _peers(center))


def _statements(center: Center, _holder: str) -> int:
    fetch_statements(center, _peers(center))
    return 0


def _secrets(center: Center, _holder: str) -> int:
    announce_waiting_secrets(center, _peers(center))
    return 0


def _expired(center: Center, _holder: str) -> int:
    return expire_pseudonyms(center)


def _second_opinions(center: Center, _holder: str) -> int:
    return center.work.run(lambda tx: draw_second_opinions(center, tx))


def _full_domains(center: Center, _holder: str) -> int:
    return warn_of_full_domains(center)


def _ended_projects(center: Center, _holder: str) -> int:
    return destroy_ended_secrets(center)


@cache
def _sender() -> HttpWebhookSender:
    settings = load_settings(Path(os.environ["TTP_HOME"]))
    return HttpWebhookSender(Targets(settings.webhook_targets))


def _webhooks(center: Center, holder: str) -> int:
    return deliver_webhooks(center, _sender(), holder=holder)


def _transfers(center: Center, _holder: str) -> int:
    center.work.run(lambda tx: forget_transfers(center, tx))
    return 0


DUTIES: tuple[Duty, ...] = (
    Duty("sequence", 0.2, _sequence),
    Duty("refusals", 20.0, _refusals),
    Duty("answers", 600.0, _answers),
    Duty("keys", 1.0, _keys),
    Duty("keyring", 5.0, _keyring),
    Duty("tasks", 1.0, _tasks),
    Duty("cosignatures", 30.0, _cosignatures),
    Duty("anchor", 5.0, _anchor),
    Duty("witnesses", 60.0, _witnesses),
    Duty("log", 60.0, _log_watch),
    Duty("nonces", 60.0, _nonces),
    Duty("trust", 15.0, _trust),
    Duty("approvals", 30.0, _approvals),
    Duty("postponed cases", 30.0, _postponed),
    Duty("announcements", 2.0, _announcements),
    Duty("statements", 60.0, _statements),
    Duty("linkage secrets", 60.0, _secrets),
    Duty("expired pseudonyms", 10.0, _expired),
    Duty("full domains", 600.0, _full_domains),
    Duty("second opinions", 60.0, _second_opinions),
    Duty("ended projects", 60.0, _ended_projects),
    Duty("webhooks", 1.0, _webhooks),
    Duty("transfers", 60.0, _transfers),
)


def _hold(center: Center, _holder: str) -> int:
    """Go on as the one host that serves with a keyring file; a host that lost this stops serving at once."""
    try:
        center.work.run(lambda tx: hold_keyring(center, tx, host=host_name()))
    except KeyringNotShared as error:
        _log.critical("%s", error.detail)
        os.kill(os.getppid(), signal.SIGTERM)
    return 0


HOLD = Duty("hold", 8.0, _hold)


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
    hide_memory()
    end_with_parent()
    settings = load_settings(Path(os.environ["TTP_HOME"]))
    work(open_center(settings), stop, (*DUTIES, HOLD) if bound_to_host(settings) else DUTIES)


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
