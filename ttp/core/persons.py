"""Persons: what linked identities stand for. Edges are the record; persons are a view of the edges that stand.

A population is the scope in which persons are told apart: ``local`` at a local center, ``project:NAME`` at a
federated one. Two populations never share a key, an index or a person. The ID of a person is that of its
oldest identity and never leaves the center.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import InvalidName
from ttp.core.names import DecisionId, EdgeId, IdentityId, LeafId, PersonId, PopulationName

LOCAL = PopulationName("local")

_POPULATION = re.compile(r"local|project:[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")


class IdentityKind(StrEnum):
    """What the envelope of an identity holds."""

    CLEAR = "clear"  # identifying data
    ENCODED = "encoded"  # a submitted encoding


class IdentityState(StrEnum):
    """Where an identity stands."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # found and shown, but matched with nobody and asked about no more
    DELETED = "deleted"  # a tombstone: nothing is left of what its source said


class EdgeKind(StrEnum):
    """What an edge says of its two identities."""

    SAME = "same"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Identity:
    """One source's record of one patient, as it stands. ``ordinal`` counts the identities of a population by age."""

    id: IdentityId
    population: PopulationName
    kind: IdentityKind
    source: str
    person: PersonId
    ordinal: int
    version: int
    created_at: datetime
    state: IdentityState = IdentityState.ACTIVE
    pinned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """Why a pair scored so: one field, how well it agrees, and what that weighs.

    ``level`` names the agreement (``equal``, ``close``, …); ``similarity`` is 0 to 1 where there is one.
    ``weight`` is in bits (log₂ of a likelihood ratio) for records in clear, 0.0 where it has none.
    """

    field: str
    level: str
    weight: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class NewEdge:
    """An edge to be added. ``made_by`` is ``model:VERSION``, ``staff:NAME``, ``source:NAME`` or ``import:SYSTEM``."""

    first: IdentityId
    second: IdentityId
    kind: EdgeKind
    made_by: str
    score: float | None = None
    contributions: tuple[Contribution, ...] = ()
    decision: DecisionId | None = None

    @property
    def pair(self) -> Pair:
        """The two identities in the order of their IDs."""
        return pair_of(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Edge:
    """A stored edge. It stands until ``ended_at``; it is never edited or removed."""

    id: EdgeId
    population: PopulationName
    pair: Pair
    kind: EdgeKind
    made_by: str
    score: float | None
    contributions: tuple[Contribution, ...]
    decision: DecisionId | None
    created_at: datetime
    ended_at: datetime | None = None


Pair = tuple[IdentityId, IdentityId]
"""Two identities in the order of their IDs."""


def pair_of(first: IdentityId, second: IdentityId) -> Pair:
    """The two identities in the order of their IDs."""
    return (first, second) if first < second else (second, first)


def checked_population(name: str) -> PopulationName:
    """The name, if it is ``local`` or ``project:`` and a project's name.

    Raises:
        InvalidName: otherwise.
    """
    if not _POPULATION.fullmatch(name):
        raise InvalidName("A population is named 'local' or 'project:' and the name of a project.")
    return PopulationName(name)


def scope_of(population: PopulationName) -> str:
    """The keyring's domain, and the domain in audit leaves, of a population; no pseudonym domain can have this name."""
    return f"population:{population}"


@dataclass(slots=True)
class Grouping:
    """Identities and the groups that SAME edges make of them (union-find with path halving)."""

    _parent: dict[IdentityId, IdentityId] = field(default_factory=dict)

    def root(self, identity: IdentityId) -> IdentityId:
        """A representative that all identities of one group share."""
        parent = self._parent
        while (above := parent.setdefault(identity, identity)) != identity:
            parent[identity] = identity = parent.setdefault(above, above)
        return identity

    def join(self, first: IdentityId, second: IdentityId) -> None:
        """Make one group of two."""
        self._parent[self.root(first)] = self.root(second)


def persons_from(
    ordinals: Mapping[IdentityId, int], same: Iterable[Pair]
) -> dict[IdentityId, PersonId]:
    """The person of each identity: its connected component, named by its oldest identity.

    This is the whole definition; the stored view must always equal it.
    """
    groups = Grouping()
    for first, second in same:
        groups.join(first, second)
    oldest: dict[IdentityId, IdentityId] = {}
    for identity in sorted(ordinals, key=lambda one: ordinals[one]):
        oldest.setdefault(groups.root(identity), identity)
    return {identity: PersonId(oldest[groups.root(identity)]) for identity in ordinals}


def admissible(
    new: Sequence[NewEdge], *, same: Iterable[Pair], apart: Iterable[Pair]
) -> tuple[list[NewEdge], list[NewEdge]]:
    """Split new SAME edges into those that may stand and those that would join what is kept apart.

    The strongest come first, so that of two contradicting edges the weaker one is held back.
    """
    groups = Grouping()
    for first, second in same:
        groups.join(first, second)
    kept_apart = list(apart)
    standing: list[NewEdge] = []
    blocked: list[NewEdge] = []
    for edge in sorted(new, key=lambda one: -(one.score or 0.0)):
        joined = {groups.root(edge.first), groups.root(edge.second)}
        if any({groups.root(a), groups.root(b)} == joined for a, b in kept_apart):
            blocked.append(edge)
        else:
            groups.join(edge.first, edge.second)
            standing.append(edge)
    return standing, blocked


class EdgeStore(Protocol):
    """Where edges and the persons they make are kept. All calls take batches."""

    def add(
        self,
        population: PopulationName,
        edges: Sequence[tuple[EdgeId, NewEdge]],
        *,
        at: datetime,
        leaf: LeafId,
    ) -> None:
        """Insert edges; one that stands already (same pair, kind and maker) is left as it is."""
        ...

    def standing(
        self, identities: Sequence[IdentityId], kind: EdgeKind | None = None
    ) -> list[Edge]:
        """The standing edges that touch one of the identities."""
        ...

    def history(self, identities: Sequence[IdentityId]) -> list[Edge]:
        """All edges that ever touched one of the identities, oldest first."""
        ...

    def end(self, decision: DecisionId, *, by: UUID, at: datetime, leaf: LeafId) -> list[Pair]:
        """Tombstone the edges of a decision; returns their pairs."""
        ...

    def end_some(self, edges: Sequence[EdgeId], *, by: UUID, at: datetime, leaf: LeafId) -> None:
        """Tombstone these edges."""
        ...

    def end_made_by(
        self, maker: str, pairs: Sequence[Pair], *, by: UUID, at: datetime, leaf: LeafId
    ) -> list[Pair]:
        """Tombstone the edges of this maker between these pairs; returns the pairs that had one."""
        ...

    def suspend(
        self, decision: DecisionId, edges: Sequence[EdgeId], *, at: datetime, leaf: LeafId
    ) -> None:
        """End edges by a decision, which remembers them."""
        ...

    def suspended(self, decision: DecisionId) -> list[Edge]:
        """The edges that this decision ended and that would stand again without it."""
        ...

    def resume(self, edges: Sequence[EdgeId]) -> None:
        """Let edges stand again, as they did."""
        ...

    def apart_among(self, persons: Sequence[PersonId]) -> list[tuple[PersonId, PersonId]]:
        """Which of these persons are kept apart from each other."""
        ...

    def set_persons(self, persons: Sequence[tuple[IdentityId, PersonId]], *, leaf: LeafId) -> None:
        """Store the person of identities whose component changed."""
        ...
