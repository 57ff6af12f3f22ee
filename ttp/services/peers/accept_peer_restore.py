"""Accept a peer's restore: its log begins anew here only when two persons of this center say so; never by itself.

The peer announces a checkpoint of its new history. The first person pins it; the second one makes it the one from
which this center witnesses on. The break stands in both logs.
"""

from __future__ import annotations

from datetime import timedelta

from ttp.core.access import Actor, ActorKind, Right
from ttp.core.center import Center
from ttp.core.errors import NotAllowed, SecondPersonNeeded
from ttp.core.event_kinds import EventKind
from ttp.core.names import LeafId
from ttp.core.peer_logs import AnnouncedRestore, NoRestoreAnnounced
from ttp.core.peers import Peer
from ttp.core.ports import Transaction
from ttp.core.witnessing import Witnessed
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.peers.ask_peer import trusted_peer
from ttp.services.peers.read_peer_checkpoint import read_peer_checkpoint

PATIENCE = timedelta(hours=24)
"""How long the first person's acceptance waits, and holds what is announced still."""


def hear_restore(center: Center, tx: Transaction, actor: Actor, *, note: str) -> None:
    """Remember that a peer's log begins anew at this checkpoint of its own; nothing is believed yet.

    Raises:
        NotAllowed, PeerNotTrusted: the asking center is no trusted peer.
        CheckpointMalformed, CheckpointRefused: the note is no checkpoint that the peer signed of its own log.
    """
    actor.require(Right.FEDERATE)
    peer = trusted_peer(tx, actor.name)
    checkpoint = read_peer_checkpoint(center, tx, peer, note=note)
    before, now = tx.peer_logs.announced(peer.name, hold=True), center.clock.now()
    if before is not None and _is_asked_for(before, center):
        return
    announced = AnnouncedRestore(peer.name, checkpoint.size, checkpoint.root, note, now)
    tx.peer_logs.announce(announced)
    if before is None:
        act = Act(EventKind.PEER_RESTORE_ANNOUNCED, facts=_facts(tx, peer, announced))
        record_leaf(center, tx, actor, act)


def accept_peer_restore(
    center: Center, tx: Transaction, actor: Actor, *, name: str
) -> tuple[AnnouncedRestore, LeafId | None]:
    """Accept what the peer announced. The leaf is None as long as a second person is missing, else await it.

    Raises:
        NotAllowed, UnknownPeer, PeerNotTrusted, NoRestoreAnnounced, SecondPersonNeeded: and nothing is changed.
    """
    actor.require(Right.APPROVE)
    _require_person(center, actor)
    peer = trusted_peer(tx, name)
    announced = tx.peer_logs.announced(name, hold=True)
    if announced is None:
        raise NoRestoreAnnounced
    if not _is_asked_for(announced, center) and not center.alone:
        return _ask(center, tx, actor, peer, announced), None
    if announced.requested_by == actor.name and not center.alone:
        raise SecondPersonNeeded
    facts = {**_facts(tx, peer, announced), "requested_by": announced.requested_by or actor.name}
    now = center.clock.now()
    tx.witnessing.replace(
        Witnessed(peer.origin, announced.size, announced.root, announced.note, now)
    )
    tx.peer_logs.settle(name)
    leaf = new_leaf_id(center)
    act = Act(EventKind.PEER_RESTORE_ACCEPTED, facts=facts)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return announced, leaf


def _ask(
    center: Center, tx: Transaction, actor: Actor, peer: Peer, announced: AnnouncedRestore
) -> AnnouncedRestore:
    now = center.clock.now()
    asked = AnnouncedRestore(
        peer.name, announced.size, announced.root, announced.note, announced.at, actor.name, now
    )
    tx.peer_logs.announce(asked)
    act = Act(EventKind.PEER_RESTORE_REQUESTED, facts=_facts(tx, peer, asked))
    record_leaf(center, tx, actor, act)
    return asked


def _require_person(center: Center, actor: Actor) -> None:
    if actor.kind is not ActorKind.STAFF and not center.alone:
        raise NotAllowed(
            "A peer's restore is accepted by persons with accounts: say who with --as."
        )


def _is_asked_for(announced: AnnouncedRestore, center: Center) -> bool:
    asked_at = announced.requested_at
    return asked_at is not None and center.clock.now() < asked_at + PATIENCE


def _facts(tx: Transaction, peer: Peer, announced: AnnouncedRestore) -> dict[str, str]:
    last = tx.witnessing.last(peer.origin)
    return {
        "peer": peer.name,
        "old": f"{last.size} {last.root.hex()}" if last else "0",
        "new": f"{announced.size} {announced.root.hex()}",
    }
