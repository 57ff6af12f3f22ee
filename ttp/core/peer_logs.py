"""Logs of peers: a peer whose log nobody but itself has seen for a day is dealt with no further.

The rule counts from the newest checkpoint of the peer that this center, or another peer it trusts, has co-signed; a
peer that is new has a day to find a witness. Whoever lets nobody see its log may be rewriting it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ttp.core.errors import NotAllowed, NotFound
from ttp.core.peers import Peer


class PeerNotWitnessed(NotAllowed):
    """The newest co-signed checkpoint of this peer is too old: nothing is sent to it or taken from it until then."""

    code = "peer-not-witnessed"


class NoRestoreAnnounced(NotFound):
    """This peer has announced no restore."""

    code = "no-restore-announced"


@dataclass(frozen=True, slots=True)
class PeerLog:
    """How far a peer's log was co-signed, by whom (this center or another peer) and when."""

    peer: str
    size: int
    cosigned_at: datetime
    witness: str

    def fresh_until(self, peer: Peer, *, hours: int) -> datetime:
        """Until when the peer is dealt with; a new one has as long to find a witness."""
        since = max(self.cosigned_at, peer.trusted_at or peer.proposed_at)
        return since + timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class AnnouncedRestore:
    """A peer says that its log begins anew at this checkpoint. Two persons here accept it, or it stays refused."""

    peer: str
    size: int
    root: bytes
    note: str
    at: datetime
    requested_by: str | None = None
    requested_at: datetime | None = None


class PeerLogStore(Protocol):
    """Where a center keeps what it knows of its peers' logs."""

    def put(self, log: PeerLog) -> bool:
        """Remember it, unless a later co-signature is known; whether anything changed."""
        ...

    def get(self, peer: str) -> PeerLog | None:
        """What is known of a peer's log."""
        ...

    def announce(self, announced: AnnouncedRestore) -> None:
        """Remember what a peer announces, in place of what it announced before."""
        ...

    def announced(self, peer: str, *, hold: bool = False) -> AnnouncedRestore | None:
        """What a peer announced, held still until the transaction ends if ``hold``."""
        ...

    def settle(self, peer: str) -> None:
        """Forget what a peer announced: it is accepted."""
        ...
