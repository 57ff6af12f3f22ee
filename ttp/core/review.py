"""Review: a possible match is put before a person once; decisions are facts that are added and undone, never edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, InvalidField, NotFound, ReasonMissing
from ttp.core.names import CaseId, DecisionId, IdentityId, LeafId, PopulationName
from ttp.core.persons import Contribution, Grouping, Pair, pair_of

MAXIMAL_REASON = 500
CONTRADICTION = "contradiction"
"""The fact of a conflict that says which sort of decision is contradicted: one of the two below."""
URGENT = 1000.0
"""By how much a case that contradicts what was decided, or what a source says, stands above others in the queue."""
DECIDED_SAME = "decided-same"
KEPT_APART = "kept-apart"
UndoId = UUID


class CaseChanged(Conflict):
    """The case was changed by somebody else since it was read; read it again."""

    code = "case-changed"


class CaseSettled(Conflict):
    """The case, or the pair asked for, has no question left to decide."""

    code = "case-settled"


class KeptApart(Conflict):
    """The decision would join persons who were decided to be different; undo that decision first."""

    code = "kept-apart"


class UndoBlocked(Conflict):
    """Later decisions rest on this one; name them to undo them too."""

    code = "undo-blocked"


class AlreadyUndone(Conflict):
    """This decision was undone before."""

    code = "already-undone"


class UnknownCase(NotFound):
    """No review case has this ID."""

    code = "unknown-case"


class UnknownDecision(NotFound):
    """No decision has this ID."""

    code = "unknown-decision"


class Verdict(StrEnum):
    """What was decided."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"
    EXCLUDED = "excluded"  # one member of a group is another person than the rest, which is one
    SPLIT = "split"  # some records of a person are another person


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    POSTPONED = "postponed"
    PROPOSED = "proposed"  # decided by one person, waiting for a second
    DECIDED = "decided"
    ABSORBED = "absorbed"  # its questions went into another case, its successor


ASKING = frozenset({CaseState.OPEN, CaseState.POSTPONED, CaseState.PROPOSED})


@dataclass(frozen=True, slots=True)
class PossibleMatch:
    """Two identities that may be one person, how likely and why.

    ``facts`` are short words for people (no value of a patient). ``conflict`` marks a pair that a model would
    have joined although a decision keeps their persons apart: it is asked nevertheless.
    """

    first: IdentityId
    second: IdentityId
    score: float
    contributions: tuple[Contribution, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    conflict: bool = False

    @property
    def pair(self) -> Pair:
        """The two identities in the order of their IDs."""
        return pair_of(self.first, self.second)

    @property
    def doubts_sameness(self) -> bool:
        """Whether new data speak against what people decided to be one person."""
        return self.conflict and self.facts.get(CONTRADICTION) == DECIDED_SAME


@dataclass(frozen=True, slots=True)
class CasePair:
    """One question of a case, and the decision that answers it, if one stands."""

    match: PossibleMatch
    decision: DecisionId | None
    withdrawn: bool = False  # by new data, which left nothing to ask


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A group of possible matches that hang together. ``version`` grows with every change of the case.

    ``assignee`` and ``due_at``: who should decide it by when. ``returns_at``: when a postponed case comes back.
    ``reopened_at``: when new evidence asked again. ``doubt``: why a model was not sure. ``members``: its records.
    ``urgent``: it contradicts what was decided, or what a source says.
    """

    id: CaseId
    population: PopulationName
    state: CaseState
    version: int
    score: float
    created_at: datetime
    changed_at: datetime
    successor: CaseId | None = None
    assignee: str | None = None
    due_at: datetime | None = None
    returns_at: datetime | None = None
    reopened_at: datetime | None = None
    doubt: str = ""
    members: int = 0
    urgent: bool = False

    @property
    def place(self) -> float:
        """Where it stands in the queue, which begins with the highest."""
        return self.score + (URGENT if self.urgent else 0.0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided on some pairs of a case; its reason is sealed. It stands until it is undone.

    ``batch``: what decisions made in one go share. ``confirmed_by``: the second person, where one was needed.
    """

    id: DecisionId
    case_id: CaseId
    population: PopulationName
    verdict: Verdict
    pairs: tuple[Pair, ...]
    reason: bytes
    by: str
    at: datetime
    undone: Undo | None = None
    batch: UUID | None = None
    confirmed_by: str | None = None
    state_before: CaseState | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """The fact that cancels a decision."""

    id: UUID
    decision_id: DecisionId
    reason: bytes
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases to list; the highest score comes first. ``after`` is the last case of the page before."""

    population: PopulationName | None = None
    states: frozenset[CaseState] = ASKING
    limit: int = 50
    after: CaseId | None = None


def checked_reason(reason: str) -> str:
    """The reason without surrounding blanks.

    Raises:
        ReasonMissing: nothing is left. InvalidField: longer than 500 characters.
    """
    if len(reason) > MAXIMAL_REASON:
        raise InvalidField(f"A reason has at most {MAXIMAL_REASON} characters.")
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()


def grouped(matches: Sequence[PossibleMatch]) -> list[list[PossibleMatch]]:
    """The matches in groups that hang together, each strongest first."""
    groups = Grouping()
    for match in matches:
        groups.join(match.first, match.second)
    found: dict[IdentityId, list[PossibleMatch]] = {}
    for match in sorted(matches, key=lambda one: -one.score):
        found.setdefault(groups.root(match.first), []).append(match)
    return list(found.values())


class ReviewStore(Protocol):
    """Where cases, decisions and their undoing are kept."""

    def add_case(self, case: ReviewCase, matches: Sequence[PossibleMatch], *, leaf: LeafId) -> None:
        """Store a new case and its pairs."""
        ...

    def add_pairs(self, case_id: CaseId, matches: Sequence[PossibleMatch]) -> None:
        """Add questions to a case."""
        ...

    def absorb(self, cases: Sequence[CaseId], *, into: CaseId, at: datetime, leaf: LeafId) -> None:
        """Move the questions of some cases into another; they remain as tombstones with a successor."""
        ...

    def absorbed(self, case_id: CaseId) -> list[CaseId]:
        """The cases whose questions this one took over."""
        ...

    def get(self, case_id: CaseId) -> ReviewCase:
        """The case. Raises UnknownCase."""
        ...

    def pairs(self, case_ids: Sequence[CaseId]) -> dict[CaseId, list[CasePair]]:
        """The questions of each case, highest score first."""
        ...

    def asked(self, pairs: Sequence[Pair]) -> dict[Pair, CaseId]:
        """The case of each pair that was ever asked."""
        ...

    def touching(self, identities: Sequence[IdentityId]) -> list[ReviewCase]:
        """The cases, absorbed ones excepted, with a question about one of the identities."""
        ...

    def page(self, query: CaseQuery) -> list[ReviewCase]:
        """A page of cases."""
        ...

    def count(self, population: PopulationName | None = None) -> dict[CaseState, int]:
        """How many cases there are in each state."""
        ...

    def change(
        self,
        case_id: CaseId,
        *,
        state: CaseState,
        at: datetime,
        leaf: LeafId,
        returns_at: datetime | None = None,
        reopened: bool = False,
    ) -> ReviewCase:
        """Set the state and raise the version; ``reopened``: new evidence asks again."""
        ...

    def answer(
        self, case_id: CaseId, pairs: Sequence[Pair], *, decision: DecisionId | None
    ) -> None:
        """Note the decision that answers these questions, or that none does any more."""
        ...

    def renew(self, matches: Sequence[PossibleMatch]) -> None:
        """Ask questions that were asked before anew, with the evidence there is now; nothing answers them yet."""
        ...

    def withdraw(self, pairs: Sequence[Pair], *, at: datetime) -> None:
        """Take back questions that nobody decided; they can be renewed."""
        ...

    def about(self, identities: Sequence[IdentityId]) -> dict[CaseId, list[CasePair]]:
        """All questions ever asked about these identities, by case."""
        ...

    def add_decision(self, decision: Decision, *, leaf: LeafId) -> None:
        """Store a decision."""
        ...

    def decision(self, decision_id: DecisionId) -> Decision:
        """The decision. Raises UnknownDecision."""
        ...

    def batch(self, batch: UUID) -> list[Decision]:
        """The decisions of a batch, oldest first."""
        ...

    def decisions(self, case_ids: Sequence[CaseId]) -> list[Decision]:
        """Everything decided in these cases, oldest first, undone ones included."""
        ...

    def standing_decisions(self, identities: Sequence[IdentityId]) -> list[Decision]:
        """Decisions that stand and concern one of the identities, oldest first."""
        ...

    def add_undo(self, undo: Undo, *, leaf: LeafId) -> None:
        """Store that a decision is undone. Raises AlreadyUndone."""
        ...
