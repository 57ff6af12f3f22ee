"""Approvals: four eyes. What one person asks for, another person grants or refuses; nobody approves their own.

One mechanism for every kind: asked → open → approved → carried out, or refused, withdrawn, expired. A kind differs in
how long it stays open, how long an approval may be used, and what carries it out (``decide_approval``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.access import Actor, ActorKind
from ttp.core.errors import Conflict, NotAllowed, SecondPersonNeeded

PERSONS = frozenset({ActorKind.STAFF, ActorKind.OPERATOR})
"""Who can decide: people with an account, and the operator at the local command line."""


class ApprovalClosed(Conflict):
    """This request was decided, withdrawn, carried out or has expired."""

    code = "approval-closed"


class ReviewOverdue(NotAllowed):
    """A review of an earlier emergency access is overdue; until it is answered there is no further one."""

    code = "review-overdue"


class ApprovalKind(StrEnum):
    """What can need a second person."""

    PEER_TRUST = "peer-trust"
    PROJECT = "project"
    GRANT = "grant"
    RELEASE = "release"
    KEY_DESTRUCTION = "key-destruction"
    DOMAIN_POLICY = "domain-policy"
    ROLE = "role"
    MATCHING_MODEL = "matching-model"
    DECISION = "decision"  # about records, when much hangs on it
    REIDENTIFICATION = "re-identification"
    IDENTITY_DELETION = "identity-deletion"
    SUBJECT_ACCESS = "subject-access"
    BREAK_GLASS = "break-glass"  # done already; what is asked for is another person's judgment


class ApprovalState(StrEnum):
    """Where a request for approval stands."""

    OPEN = "open"
    APPROVED = "approved"  # and not yet carried out
    CARRIED_OUT = "carried-out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Comment(StrEnum):
    """Why somebody decided so: codes, because people write names into free text."""

    DANGER = "danger"  # danger to life or health
    LAW = "law"  # a duty by law
    WISH = "wish"  # the person concerned asked for it
    FINDING = "finding"  # a finding that the person must learn of
    DISPROPORTIONATE = "disproportionate"
    WRONG_PERSON = "wrong-person"
    NO_REASON = "no-reason"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind passes. ``open_for``: time for the decision; ``use_within``: time to carry out an approval."""

    open_for: timedelta = timedelta(days=14)
    use_within: timedelta | None = None
    mandatory: bool = False  # stays open until it is answered: neither expires nor can be withdrawn


RULES: Mapping[ApprovalKind, Rule] = {
    **dict.fromkeys(ApprovalKind, Rule()),
    ApprovalKind.KEY_DESTRUCTION: Rule(open_for=timedelta(days=7)),
    ApprovalKind.REIDENTIFICATION: Rule(use_within=timedelta(hours=24)),
    ApprovalKind.SUBJECT_ACCESS: Rule(use_within=timedelta(hours=24)),
    ApprovalKind.BREAK_GLASS: Rule(open_for=timedelta(hours=72), mandatory=True),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """A request for approval. ``subject`` holds names and numbers only, never a value of a patient.

    ``expires_at``: until when it can be decided, once approved until when it can be carried out, for a mandatory
    review until when it is due; None: no end. ``sealed``: what must not be read in a stolen database.
    """

    id: UUID
    kind: ApprovalKind
    subject: Mapping[str, object]
    requested_by: str
    requested_at: datetime
    state: ApprovalState = ApprovalState.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    requested_as: ActorKind = ActorKind.STAFF
    expires_at: datetime | None = None
    done_at: datetime | None = None
    overdue_at: datetime | None = None
    comment: Comment | None = None
    sealed: bytes | None = None

    @property
    def rule(self) -> Rule:
        """How requests of its kind pass."""
        return RULES[self.kind]

    def is_own(self, actor: Actor) -> bool:
        """Whether the actor asked for it; names decide, so that a client and a person of one name are one."""
        return actor.name == self.requested_by

    def is_overdue(self, at: datetime) -> bool:
        """Whether a mandatory review was not answered in time."""
        return self.rule.mandatory and self.state is ApprovalState.OPEN and self._late(at)

    def approved(
        self, *, by: Actor, at: datetime, alone: bool, comment: Comment | None = None
    ) -> Approval:
        """After another person's yes. ``alone`` is the demo mode in which one person suffices.

        Raises:
            ApprovalClosed: it does not wait any more. SecondPersonNeeded: who asked tries to approve, or no person.
        """
        self._require_waiting(at)
        _require_person(by)
        if self.is_own(by) and not alone:
            raise SecondPersonNeeded
        within = self.rule.use_within
        if within is not None:
            within = timedelta(hours=int(str(self.subject.get("use_hours", 24))))
        return replace(
            self,
            state=ApprovalState.APPROVED,
            decided_by=by.name,
            decided_at=at,
            expires_at=at + within if within else None,
            comment=comment,
        )

    def refused(
        self, *, by: Actor, at: datetime, alone: bool, comment: Comment | None = None
    ) -> Approval:
        """After a no. Who asked may refuse too, except where the judgment of another is mandatory.

        Raises:
            ApprovalClosed: it does not wait any more. SecondPersonNeeded: no person, or one's own review.
        """
        self._require_waiting(at)
        _require_person(by)
        if self.rule.mandatory and self.is_own(by) and not alone:
            raise SecondPersonNeeded
        return replace(
            self,
            state=ApprovalState.REFUSED,
            decided_by=by.name,
            decided_at=at,
            comment=comment,
        )

    def withdrawn(self, *, by: Actor, at: datetime) -> Approval:
        """Taken back by who asked for it, also after an approval that was not used yet.

        Raises:
            ApprovalClosed: it does not wait any more. NotAllowed: another's, or a mandatory review.
        """
        if not self.is_own(by) or by.kind is not self.requested_as:
            raise NotAllowed("Only who asked for it withdraws a request.")
        if self.rule.mandatory:
            raise NotAllowed("A mandatory review cannot be withdrawn.")
        usable = self.state is ApprovalState.APPROVED and self.rule.use_within is not None
        if (self.state is not ApprovalState.OPEN and not usable) or self._late(at):
            raise ApprovalClosed
        return replace(self, state=ApprovalState.WITHDRAWN, done_at=at)

    def expired(self, *, at: datetime) -> Approval:
        """After its time; the same approval while there is time, or where it has an end already."""
        waits = self.state in {ApprovalState.OPEN, ApprovalState.APPROVED}
        if self.rule.mandatory or not waits or not self._late(at):
            return self
        return replace(self, state=ApprovalState.EXPIRED, done_at=at)

    def overdue(self, *, at: datetime) -> Approval | None:
        """With the note that the mandatory review is overdue; None where it is not, or was noted before."""
        if not self.is_overdue(at) or self.overdue_at is not None:
            return None
        return replace(self, overdue_at=at)

    def carried_out(self, *, at: datetime) -> Approval:
        """After its effect, once.

        Raises:
            ApprovalClosed: it is not approved, was carried out before, or too late.
        """
        if self.state is not ApprovalState.APPROVED or self._late(at):
            raise ApprovalClosed
        return replace(self, state=ApprovalState.CARRIED_OUT, done_at=at)

    def _require_waiting(self, at: datetime) -> None:
        if self.state is not ApprovalState.OPEN or (self._late(at) and not self.rule.mandatory):
            raise ApprovalClosed

    def _late(self, at: datetime) -> bool:
        return self.expires_at is not None and at >= self.expires_at


@dataclass(frozen=True, slots=True)
class ApprovalFilter:
    """Which requests to list; None leaves a thing open. ``before`` is the last one of the page before."""

    state: ApprovalState | None = None
    kind: ApprovalKind | None = None
    requested_by: str | None = None
    requested_as: ActorKind | None = None
    before: UUID | None = None


class ApprovalStore(Protocol):
    """Where requests for approval are kept."""

    def add(self, approval: Approval) -> None:
        """Store a new request."""
        ...

    def get(self, approval_id: UUID) -> Approval:
        """The request, held still until the transaction ends. Raises NotFound."""
        ...

    def save(self, approval: Approval) -> None:
        """Store where it stands."""
        ...

    def open(self) -> list[Approval]:
        """All undecided requests, oldest first."""
        ...

    def page(self, wanted: ApprovalFilter, *, limit: int) -> list[Approval]:
        """The newest ``limit`` requests that fit, newest first."""
        ...

    def sealed(self, kinds: Sequence[ApprovalKind]) -> list[Approval]:
        """All requests of these kinds that keep something sealed, oldest first."""
        ...

    def reseal(self, approval_id: UUID, sealed: bytes) -> None:
        """Put another envelope in the place of what a request keeps."""
        ...

    def late(self, at: datetime) -> list[Approval]:
        """Requests whose time is over at this time and that still wait or are still to be carried out."""
        ...


def _require_person(actor: Actor) -> None:
    if actor.kind not in PERSONS:
        raise SecondPersonNeeded("Only a person decides a request.")
