"""Match records: under the population's lock the process catches up with what others committed, then asks its index."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from weakref import WeakKeyDictionary

from keys.keyring import Purpose
from linkage.classify import Outcome
from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.center import Center
from ttp.core.identifying_data import from_content
from ttp.core.identities import Population, StoredVersion
from ttp.core.matching import Verdict, present_model
from ttp.core.names import IdentityId
from ttp.core.persons import IdentityKind, scope_of
from ttp.core.ports import Transaction, Work
from ttp.services.seal_identities import open_contents

_BLOCK = 5000

Judged = tuple[IdentityId, Verdict]
"""A candidate and what the model says of it."""

_indexes: WeakKeyDictionary[Work, dict[str, tuple[int, CandidateIndex]]] = WeakKeyDictionary()
_guard = Lock()


def index_of(center: Center, tx: Transaction, population: Population) -> CandidateIndex:
    """The process's index of a population, with everything committed so far; the lock is held.

    It is made anew when the match key was rotated.
    """
    key = center.keyring.active(Purpose.MATCH, scope_of(population.name))
    with _guard:
        of_center = _indexes.setdefault(center.work, {})
        version, index = of_center.get(population.name, (0, None))
        if index is None or version != key.version:
            index = CandidateIndex(secret=key.secret, population=population.name)
            of_center[population.name] = key.version, index
    if index.begin(tx):
        _catch_up(center, tx, population, index)
    return index


def judged(index: CandidateIndex, queries: Sequence[Entry]) -> list[list[Judged]]:
    """For each query its matches and possible matches, best first."""
    model = present_model()
    found = []
    for query, candidates in zip(queries, index.candidates(queries), strict=True):
        verdicts = [
            (one.identity, model.judge(query.comparable, one.comparable, index.bearers))
            for one in candidates
        ]
        likely = [one for one in verdicts if one[1].outcome is not Outcome.NON_MATCH]
        found.append(sorted(likely, key=lambda one: (-one[1].total, one[0])))
    return found


def _catch_up(
    center: Center, tx: Transaction, population: Population, index: CandidateIndex
) -> None:
    while True:
        rows = tx.identities.changed_since(population.name, index.mark, limit=_BLOCK)
        index.add(_entries(center, population, index, rows))
        if rows:
            index.mark = rows[-1].sequence
        if len(rows) < _BLOCK:
            return


def _entries(
    center: Center, population: Population, index: CandidateIndex, rows: Sequence[StoredVersion]
) -> list[Entry]:
    clear = [row for row in rows if row.kind is IdentityKind.CLEAR]
    kept = {row.id: index.remembered(row.envelope) for row in clear}
    missing = [row for row in clear if kept[row.id] is None]
    contents = open_contents(center, population.name, missing)
    opened = index.entries(
        [
            (row.id, row.version, from_content(content))
            for row, content in zip(missing, contents, strict=True)
        ]
    )
    fresh = {entry.identity: entry for entry in opened}
    return [kept[row.id] or fresh[row.id] for row in clear]
