"""Weighed evidence and budgets of evidence questions in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from ttp.core.evidence import EvidenceOutcome, WeighedPair
from ttp.core.names import IdentityId
from ttp.storage.batches import cut
from ttp.storage.tables import evidence, evidence_use
from ttp.storage.upserts import insert_free

_PAIRS = 1000


class SqlEvidenceStore:
    """Evidence of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, project: str, pairs: Sequence[WeighedPair]) -> None:
        """Store what was weighed; a pair weighed before is replaced."""
        for part in cut(sorted(pairs, key=lambda pair: (pair.first, pair.second)), _PAIRS):
            keys = [(pair.first, pair.second) for pair in part]
            self._connection.execute(
                delete(evidence).where(tuple_(evidence.c.first, evidence.c.second).in_(keys))
            )
            self._connection.execute(insert(evidence), [_columns(project, pair) for pair in part])

    def of(self, project: str) -> dict[tuple[IdentityId, IdentityId], WeighedPair]:
        """All weighed pairs of a project by their identities in ID order."""
        rows = self._connection.execute(select(evidence).where(evidence.c.project == project))
        return {
            (row.first, row.second): WeighedPair(
                row.first,
                row.second,
                EvidenceOutcome(row.outcome),
                row.weight,
                row.task,
                row.at,
            )
            for row in rows
        }

    def spend(self, project: str, peer: str, *, day: date, amount: int, budget: int) -> bool:
        """Take the amount from the day's budget; False, and nothing taken, when too little is left."""
        key = {"project": project, "peer": peer, "day": day.isoformat()}
        insert_free(self._connection, evidence_use, [{**key, "used": 0}])
        taken = self._connection.execute(
            update(evidence_use)
            .filter_by(**key)
            .where(evidence_use.c.used + amount <= budget)
            .values(used=evidence_use.c.used + amount)
        )
        return bool(taken.rowcount)


def _columns(project: str, pair: WeighedPair) -> dict[str, object]:
    return {
        "first": pair.first,
        "second": pair.second,
        "project": project,
        "outcome": pair.outcome.value,
        "weight": pair.weight,
        "task": pair.task,
        "at": pair.at,
    }
