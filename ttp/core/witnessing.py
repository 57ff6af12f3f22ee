"""Witnessing: a log may grow, never change; what was co-signed once is remembered for good (C2SP tlog-witness)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keys.errors import CheckpointInvalid
from keys.transparency import EMPTY_ROOT, Checkpoint, parse_note
from ttp.core.errors import BadRequest, Conflict, InvalidField, NotAllowed

MAXIMAL_PROOF = 63
"""Hashes in a consistency proof (C2SP tlog-witness, add-checkpoint)."""


class CheckpointRefused(NotAllowed):
    """The checkpoint is not signed by the log's own key, or is of another log."""

    code = "checkpoint-refused"


class CheckpointMalformed(BadRequest):
    """The checkpoint or its proof does not have the form it needs."""

    code = "checkpoint-malformed"


class WitnessConflict(Conflict):
    """The log's old size is not the one co-signed last, or two roots exist for one size; ``size`` says what is."""

    code = "witness-conflict"


class ConsistencyRefused(InvalidField):
    """The proof does not show that the log only grew."""

    code = "consistency-refused"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last checkpoint of a log that this center co-signed."""

    origin: str
    size: int
    root: bytes
    note: str
    at: datetime

    @classmethod
    def nothing(cls, origin: str, at: datetime) -> Witnessed:
        """A log of which nothing was co-signed: the empty tree."""
        return cls(origin, 0, EMPTY_ROOT, "", at)


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint a note states, unverified.

    Raises:
        CheckpointMalformed: it states none.
    """
    try:
        return Checkpoint.from_body(parse_note(note).body)
    except CheckpointInvalid as error:
        raise CheckpointMalformed from error


class WitnessStore(Protocol):
    """Where a center keeps what it co-signed for others, and what others co-signed for it."""

    def last(self, origin: str) -> Witnessed | None:
        """The last co-signed checkpoint of a log, held still until the transaction ends."""
        ...

    def advance(self, witnessed: Witnessed, *, from_size: int) -> bool:
        """Store the next one if ``from_size`` is still the last size; False when it is not."""
        ...

    def replace(self, witnessed: Witnessed) -> None:
        """Begin at another history: two persons accepted it."""
        ...

    def all(self) -> list[Witnessed]:
        """What was co-signed last of every log, by origin."""
        ...

    def cosigned_size(self, witness: str) -> int:
        """Up to which size this center's log was co-signed by a witness; 0 for nothing."""
        ...

    def cosigned_at(self, witness: str) -> datetime | None:
        """When a witness co-signed last."""
        ...

    def put_cosigned_size(self, witness: str, size: int, *, at: datetime) -> None:
        """Remember the size a witness has co-signed, or says it has."""
        ...
