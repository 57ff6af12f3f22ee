"""Answers about cases: how the queue, a masked case and the impact of a decision look in JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from ttp.api.bodies import ItemError
from ttp.api.case_bodies import URGENT_SAYS
from ttp.core.case_work import DeskRules
from ttp.core.decisions import Settled
from ttp.core.desk import CaseLine
from ttp.core.impact import Impact
from ttp.core.review import CaseState
from ttp.services.cases.show_case import CaseView, PairView


class CaseEntry(BaseModel):
    """A case in the queue."""

    id: UUID
    state: CaseState
    version: int
    urgent: bool = Field(description=URGENT_SAYS)
    score: float
    population: str
    sources: list[str]
    questions: int
    answered: int
    doubt: str
    members: int
    assignee: str | None
    created_at: str
    due_at: str | None
    returns_at: str | None
    reopened_at: str | None


class CaseList(BaseModel):
    """A page of the queue. ``after`` names the next page."""

    cases: list[CaseEntry]
    after: UUID | None


class CaseAnswer(BaseModel):
    """A case, masked: values show only where they differ."""

    id: UUID
    state: CaseState
    version: int
    urgent: bool = Field(description=URGENT_SAYS)
    score: float
    population: str
    pairs: list[dict[str, Any]]
    decisions: list[dict[str, Any]]


class SettledAnswer(BaseModel):
    """The decision, or the request that a second person has to approve."""

    decision: UUID | None
    approval: UUID | None


class BatchResult(BaseModel):
    """What became of one case, or an error in its place."""

    decision: UUID | None = None
    approval: UUID | None = None
    error: ItemError | None = None


class BatchAnswer(BaseModel):
    """One entry per case, in the order given."""

    batch: UUID
    results: list[BatchResult]


class UndoneAnswer(BaseModel):
    """The decisions that were undone."""

    undone: list[UUID]


class AssignedAnswer(BaseModel):
    """How many cases were named."""

    cases: int


class PairAnswer(BaseModel):
    """The case that asks about a pair, and why nobody was asked before."""

    case: UUID
    why: str
    score: float | None


class LeaseAnswer(BaseModel):
    """Who works on the case until when."""

    holder: str
    expires_at: str


class ImpactAnswer(BaseModel):
    """What would change."""

    records: int
    counts: dict[str, int]
    projects: list[str]
    releases: list[dict[str, Any]]
    recipients: list[str]
    second_vote: bool


def settled(one: Settled) -> dict[str, Any]:
    """The JSON form of what became of a wish."""
    return {"decision": one.decision, "approval": one.approval}


def entry_of(line: CaseLine) -> dict[str, Any]:
    """The JSON form of a case in the queue; orjson writes times and IDs."""
    case = line.case
    return {
        "id": case.id,
        "state": case.state.value,
        "version": case.version,
        "urgent": case.urgent,
        "score": case.score,
        "population": case.population,
        "sources": list(line.sources),
        "questions": line.questions,
        "answered": line.answered,
        "doubt": case.doubt,
        "members": case.members,
        "assignee": case.assignee,
        "created_at": case.created_at,
        "due_at": case.due_at,
        "returns_at": case.returns_at,
        "reopened_at": case.reopened_at,
    }


def view_of(view: CaseView) -> dict[str, Any]:
    """The JSON form of a masked case."""
    case = view.case
    decisions = [
        {
            "id": one.decision.id,
            "verdict": one.decision.verdict.value,
            "by": one.decision.by,
            "confirmed_by": one.decision.confirmed_by,
            "at": one.decision.at,
            "reason": one.reason,
            "batch": one.decision.batch,
            "undone_at": one.decision.undone.at if one.decision.undone else None,
        }
        for one in view.history
    ]
    return {
        "id": case.id,
        "state": case.state.value,
        "version": case.version,
        "urgent": case.urgent,
        "score": case.score,
        "population": case.population,
        "pairs": [_pair(one) for one in view.pairs],
        "decisions": decisions,
    }


def impact_of(impact: Impact, rules: DeskRules, weight: int) -> dict[str, Any]:
    """The JSON form of what would change; pseudonyms themselves are not told."""
    return {
        "records": impact.records,
        "counts": impact.counts,
        "projects": list(impact.projects),
        "releases": [{"project": name, "version": version} for name, version in impact.releases],
        "recipients": list(impact.recipients),
        "second_vote": bool(rules.second_vote_above) and weight > rules.second_vote_above,
    }


def _pair(one: PairView) -> dict[str, Any]:
    sides = [
        {"identity": side.identity, "person": side.person, "source": side.source}
        for side in (one.first, one.second)
    ]
    fields = [
        {
            "field": field.field,
            "first": field.first,
            "second": field.second,
            "level": field.level,
            "weight": field.weight,
        }
        for field in one.fields
    ]
    return {
        "sides": sides,
        "score": one.score,
        "open": one.open,
        "decision": one.decision,
        "facts": dict(one.facts),
        "fields": fields,
    }
