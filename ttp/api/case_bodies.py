"""Bodies of cases: what may be asked of the queue, and what decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from ttp.api.bodies import Body
from ttp.core.decisions import MOST_IN_A_BATCH, Wish
from ttp.core.desk import MOST_MEMBERS, CaseFilter
from ttp.core.errors import InvalidField
from ttp.core.names import CaseId, IdentityId, PopulationName
from ttp.core.persons import pair_of
from ttp.core.review import CaseState, Verdict

NOBODY = "-"
URGENT_SAYS = "it contradicts what was decided, or what a source says; such cases come first"
Id = Annotated[UUID, Field(strict=False)]
_CONFIRM = "contradictions that you have seen: birth_date, kvnr"
_VERSION = "the case as you read it; If-Match says the same"


class CaseQuery(BaseModel):
    """Which cases, the urgent first, then the most likely matches. ``assignee`` "-": those of nobody."""

    state: CaseState = CaseState.OPEN
    population: str | None = Field(None, max_length=80)
    source: str = Field("", max_length=63)
    lowest: float | None = None
    highest: float | None = None
    assignee: str | None = Field(None, max_length=63)
    created_before: datetime | None = None
    due_before: datetime | None = None
    doubt: str = Field("", max_length=32)
    least_members: int = Field(0, ge=0, le=MOST_MEMBERS)
    reopened: bool = False
    urgent: bool | None = Field(None, description=URGENT_SAYS)

    def filter(self) -> CaseFilter:
        """As the store takes it.

        Raises:
            InvalidField: a time without a time zone.
        """
        return CaseFilter(
            self.state,
            PopulationName(self.population) if self.population else None,
            self.source,
            self.lowest,
            self.highest,
            "" if self.assignee == NOBODY else self.assignee,
            aware(self.created_before),
            aware(self.due_before),
            self.doubt,
            self.least_members,
            self.reopened,
            self.urgent,
        )


class PageQuery(CaseQuery):
    """Which cases, and which page."""

    after: UUID | None = Field(None, description="the last case of the page before")
    limit: int = Field(50, ge=1, le=500)


class CasePath(BaseModel):
    """One case."""

    case_id: UUID


class DecisionPath(BaseModel):
    """One decision."""

    decision_id: UUID


class BatchPath(BaseModel):
    """Decisions made together."""

    batch: UUID


class CaseDecisionBody(Body):
    """A decision on the open questions of a case, or on some of its pairs."""

    verdict: Literal["same", "different", "later"]
    reason: str = Field(max_length=500)
    version: int | None = Field(None, description=_VERSION)
    pairs: list[tuple[Id, Id]] | None = Field(None, strict=False, max_length=500)
    until: datetime | None = Field(None, strict=False, description="when a postponed case returns")
    confirm: list[str] = Field(default_factory=list, description=_CONFIRM, max_length=10)
    take_over: bool = False


class ExclusionBody(Body):
    """One record is another person than the rest of the group, which is one person."""

    member: Id
    reason: str = Field(max_length=500)
    version: int | None = Field(None, description=_VERSION)
    confirm: list[str] = Field(default_factory=list, description=_CONFIRM, max_length=10)
    take_over: bool = False


class SplitBody(Body):
    """Records of one person that are another one."""

    leaving: list[Id] = Field(strict=False, min_length=1, max_length=500)
    reason: str = Field(max_length=500)


class ChosenCase(Body):
    """A case in the version in which it was selected."""

    case: Id
    version: int


class BatchBody(Body):
    """Cases decided together; each becomes a decision of its own."""

    cases: list[ChosenCase] = Field(min_length=1, max_length=MOST_IN_A_BATCH)
    verdict: Literal["same", "different", "later"]
    reason: str = Field(max_length=500)
    until: datetime | None = Field(None, strict=False)
    confirm: list[str] = Field(default_factory=list, description=_CONFIRM, max_length=10)


class AssignBody(Body):
    """Cases for a colleague, null for everybody; with ``due_at`` also by when."""

    cases: list[Id] = Field(strict=False, min_length=1, max_length=MOST_IN_A_BATCH)
    assignee: str | None = Field(None, max_length=63)
    due_at: datetime | None = Field(None, strict=False)


class LeaseBody(Body):
    """Work on a case; ``take_over`` if somebody else does."""

    take_over: bool = False


class PairBody(Body):
    """Two records that may be one person, by identity."""

    first: Id
    second: Id


class UndoBody(Body):
    """Why, and which decisions that rest on it are undone too."""

    reason: str = Field(max_length=500)
    also: list[Id] = Field(default_factory=list, strict=False, max_length=500)


def aware(time: datetime | None) -> datetime | None:
    """The time, if it says in which zone.

    Raises:
        InvalidField: it does not.
    """
    if time is not None and time.tzinfo is None:
        raise InvalidField("A time needs a time zone.")
    return time


def wish_of(case_id: UUID, body: CaseDecisionBody, version: int) -> Wish:
    """The wish of a decision."""
    pairs = None
    if body.pairs is not None:
        pairs = tuple(pair_of(IdentityId(one), IdentityId(other)) for one, other in body.pairs)
    return Wish(
        Verdict(body.verdict),
        body.reason,
        CaseId(case_id),
        version,
        pairs,
        until=aware(body.until),
        confirm=frozenset(body.confirm),
        take_over=body.take_over,
    )
