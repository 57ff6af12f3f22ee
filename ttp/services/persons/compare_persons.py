"""Compare persons: what the model would make of records whose persons came from elsewhere; nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linkage.classify import Outcome
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import from_content
from ttp.core.identities import StoredVersion
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import LOCAL, Grouping, IdentityKind, Pair, pair_of, scope_of
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.match_records import index_of, judged
from ttp.services.persons.seal_identities import open_contents

BLOCK = 256


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the model's persons differ from those that stand. Pairs and persons go by the center's own IDs.

    ``joined``: pairs of different persons that the model would join. ``asked``: pairs that it would put before
    people. ``split``: persons whose records nothing in the model holds together.
    """

    records: int
    persons: int
    joined: tuple[Pair, ...]
    asked: tuple[Pair, ...]
    split: tuple[PersonId, ...]


def compare_persons(center: Center, tx: Transaction, actor: Actor, *, source: str) -> Comparison:
    """Judge the records of a source against the whole stock, and compare with the persons that stand.

    The population's lock is held meanwhile: registrations wait.

    Raises:
        NotAllowed, UnknownPopulation: and nothing is read.
    """
    actor.require_population(Right.READ_PERSON, LOCAL)
    population = tx.identities.lock(LOCAL)
    index = index_of(center, tx, population)
    rows = [
        row
        for row in tx.identities.all_versions(LOCAL)
        if row.source == source and row.kind is IdentityKind.CLEAR
    ]
    verdicts: dict[Pair, Outcome] = {}
    for block in _blocks(rows):
        contents = open_contents(center, LOCAL, block)
        records = [
            (row.id, row.version, from_content(one))
            for row, one in zip(block, contents, strict=True)
        ]
        entries = index.entries(records)
        for entry, found in zip(entries, judged(index, entries), strict=True):
            for other, verdict in found:
                if other != entry.identity:
                    verdicts[pair_of(entry.identity, other)] = verdict.outcome
    comparison = _compared(tx, rows, verdicts)
    act = Act(
        EventKind.IDENTITIES_READ,
        domain=scope_of(LOCAL),
        purpose="comparison of persons",
        counts={"records": comparison.records, "persons": comparison.persons},
    )
    record_leaf(center, tx, actor, act)
    return comparison


def _blocks(rows: Sequence[StoredVersion]) -> Iterator[Sequence[StoredVersion]]:
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def _compared(
    tx: Transaction, rows: Sequence[StoredVersion], verdicts: dict[Pair, Outcome]
) -> Comparison:
    ends = sorted({one for pair in verdicts for one in pair})
    persons = {one: row.person for one, row in tx.identities.get(ends).items()}
    across = {
        pair: outcome for pair, outcome in verdicts.items() if persons[pair[0]] != persons[pair[1]]
    }
    groups = Grouping()
    for (first, second), outcome in verdicts.items():
        if outcome is Outcome.MATCH:
            groups.join(first, second)
    roots: dict[PersonId, set[IdentityId]] = defaultdict(set)
    for row in rows:
        roots[row.person].add(groups.root(row.id))
    return Comparison(
        records=len(rows),
        persons=len(roots),
        joined=tuple(sorted(pair for pair, one in across.items() if one is Outcome.MATCH)),
        asked=tuple(sorted(pair for pair, one in across.items() if one is not Outcome.MATCH)),
        split=tuple(sorted(person for person, found in roots.items() if len(found) > 1)),
    )
