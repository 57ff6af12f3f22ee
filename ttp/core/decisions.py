"""Decisions: what somebody wants decided, and the plan of edges it comes to, known before anything is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ttp.core.errors import Conflict, InvalidField
from ttp.core.names import CaseId, DecisionId, EdgeId, IdentityId, PopulationName
from ttp.core.persons import Edge, Grouping, Pair, pair_of
from ttp.core.review import Verdict

FIELDS_FOR_LIFE = ("birth_date", "kvnr")
"""Nobody has two: persons that differ in one are joined only by who confirms it."""
MOST_IN_A_BATCH = 100
JOINING = frozenset({Verdict.SAME, Verdict.EXCLUDED})
"""Verdicts that can join persons: later decisions rest on them."""


class ConfirmationNeeded(Conflict):
    """What would be joined contradicts itself; decide again and confirm the fields that ``facts`` name."""

    code = "confirmation-needed"


class CaseProposed(Conflict):
    """A decision of this case waits for a second person."""

    code = "case-proposed"


class SecondVoteNeeded(Conflict):
    """So much would change that a second person has to agree; propose the decision instead."""

    code = "second-vote-needed"


class PersonChanged(Conflict):
    """The records of this person changed since its page was read; look at it again."""

    code = "person-changed"


class SplitNeeded(Conflict):
    """These records belong to one person by others too; split the person and choose which records go."""

    code = "split-needed"


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision as somebody asks for it.

    Attributes:
        case_id, version: the case as it was read; None for a split, which is about no case.
        pairs: the questions to answer; None: all that are open.
        member: who is excluded from the group of the case.
        leaving: the records that leave their person in a split.
        seen: all records of that person when the split was proposed; None: whatever it has.
        until: when a postponed case comes back by itself.
        confirm: the contradictions that who decides has seen.
        take_over: decide although somebody else works on the case.
    """

    verdict: Verdict
    reason: str
    case_id: CaseId | None = None
    version: int = 0
    pairs: tuple[Pair, ...] | None = None
    member: IdentityId | None = None
    leaving: tuple[IdentityId, ...] = ()
    seen: tuple[IdentityId, ...] | None = None
    until: datetime | None = None
    confirm: frozenset[str] = frozenset()
    take_over: bool = False
    batch: UUID | None = None

    def written(self) -> dict[str, Any]:
        """As a proposal keeps it, sealed."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "case": str(self.case_id) if self.case_id else None,
            "version": self.version,
            "pairs": None if self.pairs is None else [[str(a), str(b)] for a, b in self.pairs],
            "member": str(self.member) if self.member else None,
            "leaving": [str(one) for one in self.leaving],
            "seen": None if self.seen is None else [str(one) for one in self.seen],
            "confirm": sorted(self.confirm),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Wish:
        """The wish that a proposal kept."""
        pairs, seen = kept["pairs"], kept.get("seen")
        return cls(
            Verdict(kept["verdict"]),
            kept["reason"],
            CaseId(UUID(kept["case"])) if kept["case"] else None,
            kept["version"],
            None if pairs is None else tuple(pair_of(_identity(a), _identity(b)) for a, b in pairs),
            _identity(kept["member"]) if kept["member"] else None,
            tuple(_identity(one) for one in kept["leaving"]),
            None if seen is None else tuple(_identity(one) for one in seen),
            confirm=frozenset(kept["confirm"]),
            take_over=True,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision does to the edges. ``answered`` are the questions of a case that it answers."""

    population: PopulationName
    answered: tuple[Pair, ...] = ()
    same: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()
    ended: tuple[Edge, ...] = ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Everything that the decision is about."""
        return tuple(sorted({*self.answered, *self.same, *self.apart}))

    @property
    def edges(self) -> list[EdgeId]:
        """What it ends."""
        return [edge.id for edge in self.ended]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a wish: a decision, or a proposal that a second person has to approve."""

    decision: DecisionId | None
    approval: UUID | None = None


def connecting(members: Collection[IdentityId], same: Sequence[Pair]) -> list[Pair]:
    """The fewest further pairs that make one group of the members, between the first of each part."""
    groups = Grouping()
    for first, second in same:
        groups.join(first, second)
    heads: dict[IdentityId, IdentityId] = {}
    for member in sorted(members):
        heads.setdefault(groups.root(member), member)
    first, *others = heads.values()
    return [pair_of(first, other) for other in others]


def checked_leaving(leaving: Collection[IdentityId], members: Collection[IdentityId]) -> None:
    """Pass if some but not all records of a person leave it.

    Raises:
        InvalidField: otherwise.
    """
    if not leaving or not set(leaving) < set(members):
        raise InvalidField("Some records of one person leave it, and some stay.")


def _identity(text: str) -> IdentityId:
    return IdentityId(UUID(text))
