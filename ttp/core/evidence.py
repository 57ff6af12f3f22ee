"""Evidence: what sites say about the two records of a possible match: codes and further encodings, never names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import TooMuch
from ttp.core.names import IdentityId

MAXIMAL_QUESTIONS = 500
"""Records a single request may ask about."""
DAILY_BUDGET = 5_000
"""Records a site answers about per project, peer and day: more would be a second data set, not evidence."""


class EvidenceBudgetExceeded(TooMuch):
    """The site answers no more evidence questions for this project today."""

    code = "evidence-budget-exceeded"


class Code(StrEnum):
    """What a site may say of a record in words."""

    TWIN_KNOWN = "twin-known"
    NAME_HAS_PARTICLE = "name-has-particle"
    NAME_HAS_PARTS = "name-has-parts"
    BIRTH_NAME_DIFFERS = "birth-name-differs"
    KVNR_PRESENT = "kvnr-present"
    BIRTH_DATE_ESTIMATED = "birth-date-estimated"


class EvidenceOutcome(StrEnum):
    """What the evidence of both sites together says."""

    MATCH = "match"
    POSSIBLE = "possible"
    NON_MATCH = "non-match"


@dataclass(frozen=True, slots=True)
class WeighedPair:
    """A possible match whose evidence was weighed; ``weight`` in bits, positive speaks for one person."""

    first: IdentityId
    second: IdentityId
    outcome: EvidenceOutcome
    weight: float
    task: UUID
    at: datetime


class EvidenceStore(Protocol):
    """Where weighed pairs and budgets are kept."""

    def add(self, project: str, pairs: Sequence[WeighedPair]) -> None:
        """Store what was weighed; a pair weighed before is replaced."""
        ...

    def of(self, project: str) -> dict[tuple[IdentityId, IdentityId], WeighedPair]:
        """All weighed pairs of a project by their identities in ID order."""
        ...

    def spend(self, project: str, peer: str, *, day: date, amount: int, budget: int) -> bool:
        """Take the amount from the day's budget; False, and nothing taken, when too little is left."""
        ...
