"""Link identities: edges are added, persons follow; what would join those kept apart becomes a case instead."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.names import CaseId
from ttp.core.persons import NewEdge, checked_population, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import CONTRADICTION, KEPT_APART, PossibleMatch
from ttp.services.cases.open_cases import put_before_people
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.settle_persons import add_edges


def link_identities(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    population: str,
    edges: Sequence[NewEdge],
) -> list[CaseId]:
    """Add the edges under the population's lock; returns the cases that contradictions made.

    The right to do so is checked by the use case that calls this. Edges that carry no decision are a model's:
    they never join what is kept apart.

    Raises:
        UnknownPopulation, KeptApart: and nothing is changed.
    """
    name = checked_population(population)
    tx.identities.lock(name)
    leaf = new_leaf_id(center)
    blocked = add_edges(center, tx, population=name, edges=edges, leaf=leaf)
    cases = put_before_people(
        center, tx, population=name, possible=contradictions(blocked), leaf=leaf
    )
    counts = {"edges": len(edges) - len(blocked), "contradictions": len(blocked)}
    subjects = tuple(sorted({one.bytes for edge in edges for one in edge.pair}))
    act = Act(EventKind.IDENTITIES_LINKED, domain=scope_of(name), counts=counts, subjects=subjects)
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return cases


def contradictions(blocked: Sequence[NewEdge]) -> list[PossibleMatch]:
    """The questions that edges raise which a model wanted and a decision forbids."""
    facts = {CONTRADICTION: KEPT_APART}
    return [
        PossibleMatch(*edge.pair, edge.score or 0.0, edge.contributions, facts, conflict=True)
        for edge in blocked
    ]
