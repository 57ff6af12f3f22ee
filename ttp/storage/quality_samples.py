"""Samples for the quality desk: how many links there are at which score, and some of them at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, not_, select

from ttp.core.names import IdentityId, LeafId, PopulationName
from ttp.core.persons import EdgeKind, IdentityKind, Pair
from ttp.core.quality_desk import STRATUM_BITS, Frame, Stratum
from ttp.storage.tables import edge, identity, quality_check, quality_frame


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
        known = select(quality_check.c.id).where(
            quality_check.c.first == edge.c.first, quality_check.c.second == edge.c.second
        )
        query = select(edge.c.first, edge.c.second, edge.c.score).where(
            *_links(population),
            edge.c.score >= lowest,
            edge.c.score < lowest + STRATUM_BITS,
            not_(known.exists()),
        )
        rows = self._connection.execute(query.order_by(func.random()).limit(limit))
        return [((IdentityId(row.first), IdentityId(row.second)), row.score) for row in rows]

    def sample_identities(self, population: PopulationName, *, limit: int) -> list[IdentityId]:
        """Records at random."""
        query = select(identity.c.id).where(
            identity.c.population == population, identity.c.kind == IdentityKind.CLEAR.value
        )
        rows = self._connection.execute(query.order_by(func.random()).limit(limit))
        return [IdentityId(row.id) for row in rows]

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


def _links(population: PopulationName) -> tuple[Any, ...]:
    return (
        edge.c.population == population,
        edge.c.kind == EdgeKind.SAME.value,
        edge.c.made_by.like("model:%"),
        edge.c.ended_at.is_(None),
        edge.c.score.is_not(None),
    )
