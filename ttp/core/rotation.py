"""Rotation: a key gives way to its successor in steps, while the service answers; each step can be repeated.

An index key: *begin* (the next version exists, writers fill both slots) → *backfill* → *swap* (the slots change
their parts, once no row lacks its next index) → *drain* (whoever read the old epoch is gone) → *clear* the old slot.
A sealing key: *begin* → *activate* (new envelopes name the new version) → *rewrap* the others. The signing key:
*begin* (its successor is stated) → *announce* (until every trusted peer knows it, or a day is over) → *activate*.
The transport key: *begin* → *activate* → *expire* (what was sealed to the old one opens for a day; then it is
destroyed). Other keys: *begin* → *activate*. A rotation leaves its old version retired and used by no row; only
then may it be destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from keys.keyring import Purpose
from ttp.core.errors import Conflict, InvalidField, NotFound

BLOCK = 2_000
"""Rows that one short transaction changes."""


class UnknownRotation(NotFound):
    """No rotation has this ID."""

    code = "unknown-rotation"


class RotationRunning(Conflict):
    """This key is being rotated already."""

    code = "rotation-running"


class RotationEnded(Conflict):
    """The rotation has ended; it can neither be paused nor resumed."""

    code = "rotation-ended"


class NotRotatable(InvalidField):
    """Keys of this purpose are not rotated here: they are shared, or what was derived from them is not rebuilt."""

    code = "not-rotatable"


class Step(StrEnum):
    """What a rotation does next."""

    BEGIN = "begin"
    BACKFILL = "backfill"
    SWAP = "swap"
    DRAIN = "drain"
    CLEAR = "clear"
    ACTIVATE = "activate"
    REWRAP = "rewrap"
    ANNOUNCE = "announce"
    EXPIRE = "expire"
    DONE = "done"


class RotationState(StrEnum):
    """Whether a rotation goes on."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


_SHORT = (Step.BEGIN, Step.ACTIVATE, Step.DONE)
STEPS: dict[Purpose, tuple[Step, ...]] = {
    Purpose.INDEX: (Step.BEGIN, Step.BACKFILL, Step.SWAP, Step.DRAIN, Step.CLEAR, Step.DONE),
    Purpose.SEAL: (Step.BEGIN, Step.ACTIVATE, Step.REWRAP, Step.DONE),
    Purpose.AUDIT: _SHORT,
    Purpose.CLIENT: _SHORT,
    Purpose.SESSION: _SHORT,
    Purpose.MATCH: _SHORT,
    Purpose.SIGNING: (Step.BEGIN, Step.ANNOUNCE, Step.ACTIVATE, Step.DONE),
    Purpose.TRANSPORT: (Step.BEGIN, Step.ACTIVATE, Step.EXPIRE, Step.DONE),
}
ANNOUNCED = frozenset({Purpose.SIGNING, Purpose.TRANSPORT})
SCOPELESS = frozenset({Purpose.CLIENT, Purpose.SESSION, *ANNOUNCED})
WHY_NOT = {
    Purpose.LINKAGE: "A linkage secret is shared by the sites of a project: its holder draws the next version.",
    Purpose.PROJECT: "Date shifts and stable IDs of a project stay what they are only under one key.",
    Purpose.TOKEN: "A deterministic pseudonym stays what it is only under the key it was made with.",
}


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation. ``part`` and ``cursor`` say behind which row the next block begins; ``done`` counts rows."""

    id: UUID
    purpose: Purpose
    scope: str
    requested_by: str
    requested_at: datetime
    changed_at: datetime
    step: Step = Step.BEGIN
    state: RotationState = RotationState.RUNNING
    old_version: int | None = None
    new_version: int | None = None
    part: int = 0
    cursor: str | None = None
    done: int = 0
    total: int = 0
    error: str | None = None
    ended_at: datetime | None = None

    def next_step(self, *, at: datetime, total: int = 0) -> Rotation:
        """The rotation at the beginning of its following step."""
        steps = STEPS[self.purpose]
        step = steps[steps.index(self.step) + 1]
        ended = step is Step.DONE
        return replace(
            self,
            step=step,
            state=RotationState.DONE if ended else self.state,
            part=0,
            cursor=None,
            done=self.done if ended else 0,
            total=self.total if ended else total,
            error=None,
            changed_at=at,
            ended_at=at if ended else None,
        )

    def advanced(self, *, rows: int, cursor: str | None, at: datetime) -> Rotation:
        """The rotation behind a block of rows; without a cursor the part is finished and the next one begins."""
        return replace(
            self,
            part=self.part + (cursor is None),
            cursor=cursor,
            done=self.done + rows,
            total=max(self.total, self.done + rows),
            changed_at=at,
        )

    def halted(self, *, error: str | None, at: datetime) -> Rotation:
        """The rotation paused, by a person or for an error.

        Raises:
            RotationEnded: there is nothing to pause.
        """
        self._require_open()
        return replace(self, state=RotationState.PAUSED, error=error, changed_at=at)

    def resumed(self, *, at: datetime) -> Rotation:
        """The rotation going on where it was paused.

        Raises:
            RotationEnded: there is nothing to resume.
        """
        self._require_open()
        return replace(self, state=RotationState.RUNNING, error=None, changed_at=at)

    def _require_open(self) -> None:
        if self.state is RotationState.DONE:
            raise RotationEnded


class RotationStore(Protocol):
    """Where rotations are kept."""

    def add(self, rotation: Rotation) -> None:
        """Store a rotation. Raises RotationRunning while one of its purpose and scope has not ended."""
        ...

    def get(self, rotation_id: UUID, *, hold: bool = False) -> Rotation:
        """The rotation, held still until the transaction ends if ``hold``. Raises UnknownRotation."""
        ...

    def save(self, rotation: Rotation) -> None:
        """Store where the rotation stands."""
        ...

    def running(self) -> list[Rotation]:
        """The rotations that go on, oldest first."""
        ...

    def all(self) -> list[Rotation]:
        """All rotations, newest first."""
        ...
