"""Approvals: four eyes. What one person asks for, another person grants or refuses; nobody approves their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, SecondPersonNeeded


class ApprovalKind(StrEnum):
    """What can need a second person."""

    PEER_TRUST = "peer-trust"
    PROJECT = "project"
    GRANT = "grant"
    RELEASE = "release"
    KEY_DESTRUCTION = "key-destruction"


class ApprovalState(StrEnum):
    """Where a request for approval stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Approval:
    """A request for approval. ``subject`` holds names and numbers only, never a value of a patient."""

    id: UUID
    kind: ApprovalKind
    subject: Mapping[str, object]
    requested_by: str
    requested_at: datetime
    state: ApprovalState = ApprovalState.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None

    def decided(self, *, by: str, at: datetime, state: ApprovalState, alone: bool) -> Approval:
        """The approval after a decision. ``alone`` is the demo mode in which one person suffices.

        Raises:
            Conflict: it was decided before.
            SecondPersonNeeded: the person who asked tries to approve.
        """
        if self.state is not ApprovalState.OPEN:
            raise Conflict("This request was decided before.")
        if state is ApprovalState.APPROVED and by == self.requested_by and not alone:
            raise SecondPersonNeeded
        return replace(self, state=state, decided_by=by, decided_at=at)


class ApprovalStore(Protocol):
    """Where requests for approval are kept."""

    def add(self, approval: Approval) -> None:
        """Store a new request."""
        ...

    def get(self, approval_id: UUID) -> Approval:
        """The request, held still until the transaction ends. Raises NotFound."""
        ...

    def decide(self, approval: Approval) -> None:
        """Store the decision."""
        ...

    def open(self) -> list[Approval]:
        """All undecided requests, oldest first."""
        ...

    def all(self) -> list[Approval]:
        """All requests, newest first."""
        ...
