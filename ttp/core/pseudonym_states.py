"""States of pseudonyms: what became of each, and until when it is valid; an expired one is a tombstone like others.

A pseudonym whose time is over is expired from that moment on, whether or not its row says so already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.domains import Domain
from ttp.core.errors import NotFound
from ttp.core.names import LeafId, Pseudonym
from ttp.core.pseudonyms import Link, PseudonymState


class PseudonymExpired(NotFound):
    """The validity of this pseudonym ended; its link is gone, and the string is never used for anything else."""

    code = "pseudonym-expired"


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a pseudonym. ``valid_until`` None: it has no end."""

    state: PseudonymState
    valid_until: datetime | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether it stands for its original at this time."""
        return self.state is PseudonymState.ACTIVE and not self._over(at)

    def is_expired(self, at: datetime) -> bool:
        """Whether its time was over before anything else ended it."""
        due = self.state is PseudonymState.ACTIVE and self._over(at)
        return due or self.state is PseudonymState.EXPIRED

    def at(self, moment: datetime) -> Standing:
        """The same as it has to be told at this time: expired, though its row may not say so yet."""
        if not self.is_expired(moment):
            return self
        return Standing(PseudonymState.EXPIRED, self.valid_until)

    def _over(self, at: datetime) -> bool:
        return self.valid_until is not None and self.valid_until <= at


class PseudonymStateStore(Protocol):
    """Where the states of pseudonyms are kept. All calls take batches; a call is one statement or a few."""

    def standing(
        self, domain: Domain, pseudonyms: Sequence[Pseudonym]
    ) -> dict[Pseudonym, Standing]:
        """What became of those that were ever issued."""
        ...

    def revive(
        self, domain: Domain, rows: Sequence[Link], *, leaf: LeafId, until: datetime | None = None
    ) -> set[bytes]:
        """Link tombstones of a deterministic domain again with the originals they belong to.

        Returns the current indexes of the rows that are linked now.
        """
        ...

    def limit(
        self,
        domain: Domain,
        pseudonyms: Sequence[Pseudonym],
        *,
        until: datetime | None,
        leaf: LeafId,
    ) -> None:
        """Store until when these active pseudonyms are valid; None: without end."""
        ...
