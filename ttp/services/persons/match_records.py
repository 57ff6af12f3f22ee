"""Match records: under the population's lock the process catches up with what others committed, then asks its index."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.classify import Outcome
from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.center import Center
from ttp.core.identities import Population
from ttp.core.matching import Verdict
from ttp.core.names import IdentityId
from ttp.core.ports import Transaction
from ttp.services.matching.use_model import model_in_use
from ttp.services.persons.load_index import complete_index, present_index

Judged = tuple[IdentityId, Verdict]
"""A candidate and what the model says of it."""


def index_of(center: Center, tx: Transaction, population: Population) -> CandidateIndex:
    """The process's index of a population, with everything committed so far; the lock is held.

    Raises:
        IndexLoading: it is being read from the database.
    """
    index = present_index(center, population.name)
    if index.begin(tx):
        complete_index(center, tx, population, index)
        index.model = model_in_use(tx)
    return index


def judged(index: CandidateIndex, queries: Sequence[Entry]) -> list[list[Judged]]:
    """For each query its matches and possible matches, best first."""
    model = index.model
    found = []
    newest = {query.identity: query.version for query in queries}
    for query, candidates in zip(queries, index.each_candidates(queries), strict=True):
        present = {
            one.identity: one
            for one in candidates
            if newest.get(one.identity, one.version) == one.version
        }
        verdicts = [
            (one.identity, model.judge(query.comparable, one.comparable, index.bearers))
            for one in present.values()
        ]
        likely = [one for one in verdicts if one[1].outcome is not Outcome.NON_MATCH]
        found.append(sorted(likely, key=lambda one: (-one[1].total, one[0])))
    return found
