"""Compare models: what another one would change, told on a random sample of the stock before it is activated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from linkage.classify import Outcome
from ttp.core.access import Actor, Right
from ttp.core.candidate_index import CandidateIndex, Entry
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import from_content
from ttp.core.matching import Model
from ttp.core.persons import LOCAL, IdentityKind, Pair, pair_of, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.matching.use_model import model_in_use, model_named
from ttp.services.persons.match_records import index_of
from ttp.services.persons.seal_identities import open_contents

SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two models say of the candidate pairs of ``records`` drawn records, by outcome."""

    present: str
    other: str
    records: int
    changes: Counter[tuple[Outcome, Outcome]]

    def changed(self, before: Outcome, after: Outcome) -> int:
        """Pairs whose outcome would go from one to another."""
        return self.changes[before, after]

    def total(self, outcome: Outcome, *, after: bool) -> int:
        """Pairs of an outcome, with the present model or with the other one."""
        return sum(many for ends, many in self.changes.items() if ends[after] is outcome)


def compare_models(center: Center, tx: Transaction, actor: Actor, *, name: str) -> Comparison:
    """Weigh the candidates of a sample with the model in use and with another; nothing is linked.

    Raises:
        NotAllowed, WrongRole, UnknownModel, IndexLoading: and nothing is answered.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    present, other = model_in_use(tx), model_named(tx, name)
    population = tx.identities.lock(LOCAL)
    index = index_of(center, tx, population)
    entries = _sample(center, tx, index)
    changes = _changes(index, entries, present, other)
    names = present.parameters.name, other.parameters.name
    facts = {"present": names[0], "other": names[1]}
    act = Act(
        EventKind.MATCHING_MODEL_COMPARED,
        domain=scope_of(LOCAL),
        counts={"records": len(entries)},
        facts=facts,
    )
    record_leaf(center, tx, actor, act)
    return Comparison(*names, len(entries), changes)


def _sample(center: Center, tx: Transaction, index: CandidateIndex) -> list[Entry]:
    drawn = tx.quality.sample_identities(LOCAL, limit=SAMPLE)
    rows = [
        row
        for row in tx.identities.versions(list(drawn)).values()
        if row.is_active and row.kind is IdentityKind.CLEAR
    ]
    contents = open_contents(center, LOCAL, rows)
    return index.entries(
        [
            (row.id, row.version, from_content(content))
            for row, content in zip(rows, contents, strict=True)
        ]
    )


def _changes(
    index: CandidateIndex, entries: list[Entry], present: Model, other: Model
) -> Counter[tuple[Outcome, Outcome]]:
    seen: set[Pair] = set()
    changes: Counter[tuple[Outcome, Outcome]] = Counter()
    for entry, candidates in zip(entries, index.candidates(entries), strict=True):
        for one in candidates:
            pair = pair_of(entry.identity, one.identity)
            if pair in seen:
                continue
            seen.add(pair)
            before, after = (
                model.judge(entry.comparable, one.comparable, index.bearers).outcome
                for model in (present, other)
            )
            changes[before, after] += 1
    return changes
