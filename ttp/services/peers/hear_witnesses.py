"""Hear the witnesses: peers tell which checkpoint of ours they co-signed last; what we signed cannot be denied.

Whoever puts back database and home together deceives the anchor, but not the peers. A peer can deceive nobody: what it
shows counts only with this center's own signature.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.federation import FederationPath, Peers
from ttp.core.log_standing import Known
from ttp.core.peers import Peer, PeerState
from ttp.core.ports import Transaction
from ttp.core.restores import Finding
from ttp.services.log.judge_log import contradiction, stop_writing
from ttp.services.log.own_checkpoints import own_checkpoint
from ttp.services.peers.note_peer_log import note_peer_log

PATIENT_SECONDS = 30.0
START_SECONDS = 3.0
"""How long a start waits for peers; whoever has not answered by then is heard by the worker."""

_log = logging.getLogger("ttp.witnesses")


@dataclass(frozen=True, slots=True)
class Heard:
    """What peers showed of this center's own log, and who did not answer in time."""

    known: Sequence[Known]
    unheard: Sequence[str]


def hear_witnesses(center: Center, peers: Peers, *, seconds: float) -> Heard:
    """Ask all trusted peers at once and wait that long for them; no transaction may be open."""
    asked = center.work.run(trusted_peers, write=False)
    answers: dict[str, Mapping[str, Any]] = {}
    threads = [
        threading.Thread(target=_ask, args=(peers, peer, answers), daemon=True, name="hear")
        for peer in asked
    ]
    for thread in threads:
        thread.start()
    end = center.clock.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, min(seconds, end - center.clock.monotonic())))
    heard = dict(answers)
    for peer in asked:
        if peer.name in heard:
            note_peer_log(center, peer, str(heard[peer.name].get("own", "")))
    known = [_shown(center, name, answer) for name, answer in sorted(heard.items())]
    unheard = [peer.name for peer in asked if peer.name not in heard]
    return Heard([one for one in known if one is not None], unheard)


def require_witnesses(center: Center, peers: Peers) -> None:
    """Pass unless a peer shows a checkpoint that this log does not hold; unreachable peers stop nobody.

    Raises:
        DatabaseOutdated, LogForked: a peer does.
    """
    for finding in judge_heard(center, hear_witnesses(center, peers, seconds=START_SECONDS)):
        raise finding.error


def watch_witnesses(center: Center, peers: Peers) -> int:
    """Ask again while serving; returns 1 if writing had to be stopped."""
    heard = hear_witnesses(center, peers, seconds=PATIENT_SECONDS)
    for finding in judge_heard(center, heard):
        if stop_writing(center, finding):
            _log.critical("%s: nothing is written any more", finding.code)
            return 1
    return 0


def judge_heard(center: Center, heard: Heard) -> list[Finding]:
    """What peers showed against this log."""
    with center.work.begin(write=False) as tx:
        judged = [contradiction(tx, known) for known in heard.known]
    return [finding for finding in judged if finding is not None]


def trusted_peers(tx: Transaction) -> list[Peer]:
    """All peers that are trusted now, by name."""
    return [peer for peer in tx.peers.all() if peer.state is PeerState.TRUSTED]


def _ask(peers: Peers, peer: Peer, answers: dict[str, Mapping[str, Any]]) -> None:
    try:
        answers[peer.name] = peers.ask(peer, FederationPath.LATEST, {})
    except TTPError as error:
        _log.info("%s was not heard: %s", peer.name, error.code)


def _shown(center: Center, name: str, answer: Mapping[str, Any]) -> Known | None:
    checkpoint = own_checkpoint(center, str(answer.get("witnessed", "")))
    if checkpoint is None:
        return None
    return Known(checkpoint.size, checkpoint.root, name, _moment(answer.get("at")))


def _moment(text: object) -> datetime | None:
    """The time that a peer says, if it is one with a time zone."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
