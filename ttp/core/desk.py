"""The desk: the lists a reviewer works from: scores, sources, names of staff, never a value of a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ttp.core.names import CaseId, DecisionId, PopulationName
from ttp.core.review import CaseState, ReviewCase, Verdict

PAGE = 25
COUNTED = 1000
"""Counts end here: more than that nobody reads, and counting all would make large queues slow."""

MOST_MEMBERS = 1_000_000
"""Members that a filter may ask for; no case has more."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases; everything that is left open lets all through. Bounds are inclusive.

    Attributes:
        assignee: whose they are; "" those of nobody.
        created_before, due_before: waiting since, or to be decided by, a time or earlier.
        doubt: why a model was not sure. least_members: how many records hang on the case, the least.
        reopened: only those that new evidence opened again.
        urgent: only those that contradict a decision or a source; False: only all others.
        populations: those whose patients the reader may see; None: all.
    """

    state: CaseState = CaseState.OPEN
    population: PopulationName | None = None
    source: str = ""
    lowest: float | None = None
    highest: float | None = None
    assignee: str | None = None
    created_before: datetime | None = None
    due_before: datetime | None = None
    doubt: str = ""
    least_members: int = 0
    reopened: bool = False
    urgent: bool | None = None
    populations: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the queue. ``questions`` counts its pairs, ``answered`` those that are decided."""

    case: ReviewCase
    sources: tuple[str, ...]
    questions: int
    answered: int


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions: by verdict, by whom, and only those that stand; ``populations`` as in ``CaseFilter``."""

    verdict: Verdict | None = None
    by: str = ""
    standing: bool = False
    populations: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision in the list."""

    id: DecisionId
    case_id: CaseId
    population: PopulationName
    verdict: Verdict
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


class DeskStore(Protocol):
    """Where the lists come from."""

    def cases(
        self, chosen: CaseFilter, *, after: CaseId | None = None, limit: int = PAGE
    ) -> list[CaseLine]:
        """A page of cases, contradictions first, then by falling score, behind the case ``after``."""
        ...

    def count(self, chosen: CaseFilter, *, most: int = COUNTED) -> int:
        """How many cases the filter lets through, at most ``most``."""
        ...

    def doubts(self) -> list[str]:
        """Every kind of doubt that cases have."""
        ...

    def beside(
        self, case: ReviewCase, *, forward: bool, populations: frozenset[str] | None = None
    ) -> CaseId | None:
        """The open case behind or before this one in the order of the queue, of these populations or of any."""
        ...

    def oldest(self) -> datetime | None:
        """Since when the longest waiting open case waits."""
        ...

    def decisions(
        self, chosen: DecisionFilter, *, before: DecisionId | None = None, limit: int = PAGE
    ) -> list[DecisionLine]:
        """Decisions, newest first, older than ``before``."""
        ...

    def sources(self) -> list[str]:
        """Every source of a record that a case asks about."""
        ...
