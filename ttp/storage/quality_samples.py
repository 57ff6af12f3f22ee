"""Samples for the quality desk: how many links there are at which score, and some of them at random.

Places in an index are drawn and what stands there is read; nothing is sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, func, insert, select

from keys.randomness import random_below, shuffled
from ttp.core.names import IdentityId, LeafId, PopulationName
from ttp.core.persons import EdgeKind, IdentityKind, Pair
from ttp.core.quality_desk import STRATUM_BITS, Frame, Stratum
from ttp.storage.tables import edge, identity, quality_check, quality_frame

T = TypeVar("T")

_MOST_PLACES = 5_000
"""Places drawn at once; a statement takes no more values on SQLite than 32,766."""


class SqlSamples:
    """Strata, samples and frames of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def link_strata(self, population: PopulationName) -> list[Stratum]:
        """The links that models made and that stand, by stratum."""
        place = func.floor(edge.c.score / STRATUM_BITS)
        query = select(place, func.count()).where(*_links(population)).group_by(place)
        rows = self._connection.execute(query.order_by(place))
        return [Stratum(float(low) * STRATUM_BITS, True, int(many)) for low, many in rows]

    def sample_links(
        self, population: PopulationName, *, lowest: float, limit: int
    ) -> list[tuple[Pair, float]]:
        """Links of a stratum at random, with their scores, those left out that were checked before."""
        inside = (
            edge.c.population == population,
            edge.c.ended_at.is_(None),
            edge.c.score.is_not(None),
            edge.c.score >= lowest,
            edge.c.score < lowest + STRATUM_BITS,
        )
        many = self._connection.execute(select(func.count()).where(*inside)).scalar_one()
        place = func.row_number().over(order_by=(edge.c.score, edge.c.id)) - 1
        placed = select(edge.c.id, place.label("place")).where(*inside).subquery()

        def at(places: Sequence[int]) -> list[tuple[Pair, float]]:
            drawn = select(placed.c.id).where(placed.c.place.in_(places))
            query = select(edge.c.first, edge.c.second, edge.c.score)
            query = query.where(edge.c.id.in_(drawn), *_links(population))
            found = [
                ((IdentityId(row.first), IdentityId(row.second)), row.score)
                for row in self._connection.execute(query)
            ]
            known = self.checked([pair for pair, _ in found])
            return [one for one in found if one[0] not in known]

        return _drawn(range(many), limit, at)

    def sample_identities(self, population: PopulationName, *, limit: int) -> list[IdentityId]:
        """Records at random."""
        here = identity.c.population == population
        ends = (func.min(identity.c.ordinal), func.max(identity.c.ordinal))
        oldest, youngest = (
            self._connection.execute(select(end).where(here)).scalar_one() for end in ends
        )
        if oldest is None:
            return []

        def at(ordinals: Sequence[int]) -> list[IdentityId]:
            query = select(identity.c.id).where(
                here,
                identity.c.ordinal.in_(ordinals),
                identity.c.kind == IdentityKind.CLEAR.value,
            )
            return [IdentityId(row.id) for row in self._connection.execute(query)]

        return _drawn(range(oldest, youngest + 1), limit, at)

    def checked(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that some check asks about."""
        wanted = set(pairs)
        query = select(quality_check.c.first, quality_check.c.second).where(
            quality_check.c.first.in_({first for first, _ in pairs})
        )
        found = {(IdentityId(row.first), IdentityId(row.second)) for row in self._rows(query)}
        return found & wanted

    def add_frame(self, frame: Frame, *, leaf: LeafId) -> None:
        """Store what a sample was drawn from."""
        strata = [[one.lowest, one.accepted, one.pairs] for one in frame.strata]
        self._connection.execute(
            insert(quality_frame).values(
                population=frame.population,
                strata=orjson.dumps(strata).decode(),
                searched=frame.searched,
                drawn_at=frame.at,
                leaf=leaf,
            )
        )

    def latest_frame(self, population: PopulationName) -> Frame | None:
        """The newest frame of a population."""
        query = select(quality_frame).where(quality_frame.c.population == population)
        query = query.order_by(quality_frame.c.id.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        strata = tuple(Stratum(*one) for one in orjson.loads(row.strata))
        return Frame(row.drawn_at, PopulationName(row.population), strata, row.searched)

    def _rows(self, query: Any) -> Any:
        return self._connection.execute(query)


def _drawn(places: range, limit: int, at: Callable[[Sequence[int]], list[T]]) -> list[T]:
    """At most ``limit`` of what stands at the places, each as likely; what is at none of them costs another draw.

    Places are drawn without those drawn before, so that all are drawn where little is to be found.
    """
    found: list[T] = []
    gone: set[int] = set()
    while len(found) < limit and len(gone) < len(places):
        many = min(_MOST_PLACES, max(2 * limit, len(gone)))
        fresh = _fresh(places, gone, many)
        gone.update(fresh)
        found += shuffled(at(fresh))
    return found[:limit]


def _fresh(places: range, gone: set[int], many: int) -> list[int]:
    """So many places at random of those that are not gone; all of them where there are hardly more."""
    if len(places) - len(gone) <= 2 * many:
        return shuffled([one for one in places if one not in gone])[:many]
    fresh: set[int] = set()
    while len(fresh) < many:
        fresh.add(places[random_below(len(places))])
        fresh -= gone
    return list(fresh)


def _links(population: PopulationName) -> tuple[Any, ...]:
    return (
        edge.c.population == population,
        edge.c.kind == EdgeKind.SAME.value,
        edge.c.made_by.like("model:%"),
        edge.c.ended_at.is_(None),
        edge.c.score.is_not(None),
    )
