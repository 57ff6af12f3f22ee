"""Restores: what contradicts the outside is accepted by two persons, for exactly the state that both were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from keys.digests import canonical_json, sha256
from ttp.core.access import Actor, ActorKind
from ttp.core.errors import Conflict, NotAllowed, SecondPersonNeeded, TTPError
from ttp.core.log_standing import Known
from ttp.core.names import LeafId

PATIENCE = timedelta(hours=24)
"""How long the first person's acceptance waits for the second one."""


class NothingToAccept(Conflict):
    """Database, keyring and everything known outside belong together: there is no restore to accept."""

    code = "nothing-to-accept"


class KeysMissing(Conflict):
    """The older keyring lacks keys to which the database refers; only a newer one can be accepted."""

    code = "keys-missing"


class RestoreReason(StrEnum):
    """Why something older was put back."""

    HARDWARE = "hardware"
    SOFTWARE = "software"
    MISTAKE = "mistake"
    ATTACK = "attack"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction: the error that refuses to serve, and the checkpoint it concerns, if any."""

    error: TTPError
    known: Known | None = None

    @property
    def code(self) -> str:
        """The code of the error."""
        return self.error.code


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands against what: the size of the log, the contradictions, and witnesses that did not answer."""

    size: int
    newest_at: datetime | None
    findings: Sequence[Finding]
    unheard: Sequence[str] = ()
    keys_gone: Sequence[str] = ()

    @property
    def codes(self) -> str:
        """The codes of all contradictions, as one word each."""
        return " ".join(sorted({finding.code for finding in self.findings}))

    @property
    def digest(self) -> str:
        """Names this state (hex), so that two persons accept the same one."""
        known = sorted((one.size, one.root.hex()) for one in self.lost)
        return sha256(canonical_json([self.size, self.codes, known])).hex()

    @property
    def lost(self) -> tuple[Known, ...]:
        """The checkpoints that the log contradicts."""
        return tuple(finding.known for finding in self.findings if finding.known is not None)

    @property
    def lost_size(self) -> int:
        """How far the lost history is known to have come; the present size where that is not known."""
        return max([known.size for known in self.lost], default=self.size)


@dataclass(frozen=True, slots=True)
class Restore:
    """An acceptance. ``digest`` (hex) names the state that the first person saw; the second one accepts no other."""

    id: UUID
    codes: str
    digest: str
    size: int
    lost_size: int
    reason: RestoreReason
    requested_by: str
    requested_at: datetime
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    leaf: LeafId | None = None

    def waits(self, *, digest: str, at: datetime) -> bool:
        """Whether a second person can still accept it: the state is the same, and a day has not passed."""
        return (
            self.accepted_at is None and self.digest == digest and at < self.requested_at + PATIENCE
        )

    def accepted(self, *, by: str, at: datetime, leaf: LeafId, alone: bool) -> Restore:
        """After the second person. ``alone`` is the demo mode in which one person suffices.

        Raises:
            SecondPersonNeeded: it is the first one again.
        """
        if by == self.requested_by and not alone:
            raise SecondPersonNeeded
        return replace(self, accepted_by=by, accepted_at=at, leaf=leaf)


def require_person(actor: Actor, *, alone: bool) -> None:
    """Pass if a person with an account is asking; in demo mode the operator will do.

    Raises:
        NotAllowed: otherwise.
    """
    if actor.kind is not ActorKind.STAFF and not alone:
        raise NotAllowed("A restore is accepted by persons with accounts: say who with --as.")


class RestoreStore(Protocol):
    """Where acceptances are kept, and the checkpoints that were given up with them."""

    def save(self, restore: Restore) -> None:
        """Store an acceptance, or where it stands."""
        ...

    def newest(self) -> Restore | None:
        """The newest one, accepted or not."""
        ...

    def last_at(self) -> datetime | None:
        """When a restore was accepted last."""
        ...

    def give_up(self, restore_id: UUID, lost: Sequence[Known]) -> None:
        """Remember checkpoints as lost."""
        ...

    def is_lost(self, size: int, root: bytes) -> bool:
        """Whether two persons gave this checkpoint up."""
        ...
