"""Rematch the stock: every record is matched again with all others, in blocks; duplicates are linked or asked about.

What stood stands: no link ends here, and nothing that was decided or asked before is asked again. Each block is a
transaction of its own, so that work that was cut off goes on behind the last block.
"""

from __future__ import annotations

from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identities import BATCH
from ttp.core.names import ProjectName
from ttp.core.persons import LOCAL, scope_of
from ttp.core.ports import Transaction
from ttp.core.tasks import Progress, Task, TaskKind, TaskState
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.matching.weigh_again import versions_of
from ttp.services.persons.link_matches import link_matches, match_stored
from ttp.services.persons.load_index import load_index
from ttp.services.persons.match_records import index_of

STOCK = ProjectName("local")
"""What tasks of this kind name instead of a project."""


@dataclass(frozen=True, slots=True)
class _Block:
    """What became of a block. ``last`` is the age of its last record, None behind the end."""

    last: int | None
    total: int
    records: int = 0
    linked: int = 0
    asked: int = 0


def request_rematching(center: Center, tx: Transaction, actor: Actor, *, after: int = 0) -> Task:
    """Ask that the stock is matched again, or its records younger than ``after``, which a worker does.

    Raises:
        NotAllowed, WrongRole, TaskRunning: and nothing is changed.
    """
    _require(center, actor)
    kind = TaskKind.DEDUPLICATION
    now = center.clock.now()
    task = Task(center.new_id(), kind, STOCK, TaskState.WAITING, actor.name, now, done=after)
    tx.tasks.add(task)
    facts = {"project": STOCK, "kind": kind.value, "task": str(task.id)}
    record_leaf(center, tx, actor, Act(EventKind.TASK_REQUESTED, facts=facts))
    return task


def rematch_stock(
    center: Center, actor: Actor, *, after: int = 0, progress: Progress | None = None
) -> dict[str, int]:
    """Match all present records again that are younger than ``after``; no transaction may be open.

    ``progress`` is told the age of the last record done: with it the work goes on where it was cut off.

    Raises:
        NotAllowed, WrongRole, UnknownPopulation: and nothing is changed.
    """
    _require(center, actor)
    load_index(center)
    counts = {"records": 0, "linked": 0, "asked": 0}
    last: int | None = after
    while last is not None:
        begin = last
        done = center.work.run(lambda tx: _rematch(center, tx, actor, begin))  # noqa: B023 - called at once
        counts["records"] += done.records
        counts["linked"] += done.linked
        counts["asked"] += done.asked
        last = done.last
        if progress is not None and last is not None:
            progress("matching", last, max(last, done.total))
    return counts


def _require(center: Center, actor: Actor) -> None:
    actor.require_population(Right.MANAGE_PERSON, LOCAL)
    require_local(center)


def _rematch(center: Center, tx: Transaction, actor: Actor, after: int) -> _Block:
    population = tx.identities.lock(LOCAL)
    index = index_of(center, tx, population)
    rows = tx.identities.present_after(LOCAL, after, limit=BATCH)
    if not rows:
        return _Block(None, population.sequence)
    active = [row.id for row in rows if row.is_active]
    stored = versions_of(center, tx, LOCAL, active)
    records = [(one, version, data) for one, (version, data) in stored.items()]
    matched = match_stored(tx, index, records)
    leaf = new_leaf_id(center)
    asked = link_matches(center, tx, population, matched, leaf=leaf)
    linked = sum(1 for one in matched.assigned.values() if one.edges)
    questions = {match.pair for one in matched.assigned.values() for match in one.possible} & asked
    counts = {"records": len(records), "linked": linked, "asked": len(questions)}
    act = Act(
        EventKind.IDENTITIES_REMATCHED,
        domain=scope_of(LOCAL),
        counts=counts,
        subjects=tuple(sorted(one.bytes for one in active)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return _Block(rows[-1].ordinal, population.sequence, **counts)
