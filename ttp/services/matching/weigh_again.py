"""Weigh again: a pair by what is stored of it, or by new data that are about to be stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ttp.core.candidate_index import CandidateIndex
from ttp.core.center import Center
from ttp.core.identifying_data import IdentifyingData, from_content
from ttp.core.matching import Comparable, Verdict, comparable
from ttp.core.names import IdentityId, PopulationName
from ttp.core.persons import IdentityKind, Pair
from ttp.core.ports import Transaction
from ttp.services.persons.seal_identities import open_contents

Versions = dict[IdentityId, tuple[int, IdentifyingData]]
"""Identities in clear: the number of their present version, and what it says."""


class Scale:
    """Weighs pairs with the present model. ``changed`` are identities with data that are not stored yet."""

    def __init__(
        self, index: CandidateIndex, stored: Versions, changed: Mapping[IdentityId, IdentifyingData]
    ) -> None:
        self._bearers = index.bearers
        self._model = index.model
        self._before = {one: comparable(data) for one, (_, data) in stored.items()}
        self._now = self._before | {one: comparable(data) for one, data in changed.items()}

    def now(self, pair: Pair) -> Verdict | None:
        """What the model says of the pair; None where one of the two has no data in clear."""
        return self._judge(pair, self._now)

    def before(self, pair: Pair) -> Verdict | None:
        """What it says of the data that are stored still."""
        return self._judge(pair, self._before)

    def _judge(self, pair: Pair, records: Mapping[IdentityId, Comparable]) -> Verdict | None:
        first, second = records.get(pair[0]), records.get(pair[1])
        if first is None or second is None:
            return None
        return self._model.explain(first, second, self._bearers)


def versions_of(
    center: Center,
    tx: Transaction,
    population: PopulationName,
    identities: Iterable[IdentityId],
) -> Versions:
    """What is stored of the identities in clear among these."""
    stored = tx.identities.versions(sorted(set(identities))).values()
    rows = [row for row in stored if row.kind is IdentityKind.CLEAR]
    contents = open_contents(center, population, rows)
    return {
        row.id: (row.version, from_content(content))
        for row, content in zip(rows, contents, strict=True)
    }


def pairs_touched(pairs: Sequence[Pair]) -> set[IdentityId]:
    """Everyone in these pairs."""
    return {one for pair in pairs for one in pair}
