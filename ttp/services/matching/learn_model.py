"""Learn a model: a version of the weights from the center's own stock, without truth; it is a draft until activated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from keys.keyring import Purpose
from linkage.comparators import Prepared
from linkage.weighing.learn import Learned, learn, observe
from ttp.core.access import Actor, Right
from ttp.core.candidate_index import Candidate, CandidateIndex, Entry
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import from_content
from ttp.core.identities import StoredVersion
from ttp.core.matching import shipped_model
from ttp.core.matching_models import ModelState, ModelVersion, StockTooSmall, own_name
from ttp.core.names import ProjectName
from ttp.core.persons import LOCAL, IdentityKind, scope_of
from ttp.core.ports import Transaction
from ttp.core.tasks import Progress, Task, TaskKind, TaskState
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.seal_identities import open_contents

MOST_RECORDS = 50_000
"""Of larger stocks the newest so many are learned from."""
LEAST_RECORDS = 1_000
STOCK = ProjectName("local")
"""What tasks of this kind name instead of a project."""
_BLOCK = 1_000
_STRANGERS = 100_000
_STRANGERS_PER_RECORD = 20

_Pair = tuple[Prepared, Prepared]


def request_learning(center: Center, tx: Transaction, actor: Actor) -> Task:
    """Ask for a new version, which a worker learns.

    Raises:
        NotAllowed, WrongRole, TaskRunning: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    now = center.clock.now()
    kind = TaskKind.MATCHING_MODEL
    task = Task(center.new_id(), kind, STOCK, TaskState.WAITING, actor.name, now)
    tx.tasks.add(task)
    facts = {"project": STOCK, "kind": kind.value, "task": str(task.id)}
    record_leaf(center, tx, actor, Act(EventKind.TASK_REQUESTED, facts=facts))
    return task


def learn_model(center: Center, actor: Actor, *, progress: Progress) -> ModelVersion:
    """Learn a version and store it as a draft. No transaction may be open: it takes minutes.

    Raises:
        NotAllowed, WrongRole, StockTooSmall: and nothing is changed.
    """
    actor.require(Right.ADMINISTER)
    require_local(center)
    extent = center.work.run(_extent, write=False)
    if extent[2] < LEAST_RECORDS:
        raise StockTooSmall
    index, entries = _stock(center, extent, progress)
    learned = _learned(index, entries, progress, share=min(1.0, len(entries) / extent[2]))
    return center.work.run(lambda tx: _store(center, tx, actor, learned, records=len(entries)))


def _stock(
    center: Center, extent: tuple[int, int, int], progress: Progress
) -> tuple[CandidateIndex, list[Entry]]:
    """The newest records, and an index of their own."""
    key = center.keyring.active(Purpose.MATCH, scope_of(LOCAL))
    index = CandidateIndex(secret=key.secret, population=LOCAL)
    since, newest, total = extent
    entries: list[Entry] = []
    while since < newest:
        rows = center.work.run(partial(_changed, since=since), write=False)
        if not rows:
            break
        entries += _entries(center, index, rows)
        since = rows[-1].sequence
        progress("reading", len(entries), min(total, MOST_RECORDS))
    index.add(entries)
    return index, entries


def _extent(tx: Transaction) -> tuple[int, int, int]:
    """From where to where to read in the order of changes, and the number of identities."""
    local = [one for one in tx.identities.populations() if one.name == LOCAL]
    if not local:
        return 0, 0, 0
    newest = local[0].sequence
    return max(0, newest - MOST_RECORDS), newest, tx.identities.count(LOCAL)[0]


def _changed(tx: Transaction, *, since: int) -> list[StoredVersion]:
    return tx.identities.changed_since(LOCAL, since, limit=_BLOCK)


def _entries(center: Center, index: CandidateIndex, rows: Sequence[StoredVersion]) -> list[Entry]:
    clear = [row for row in rows if row.is_active and row.kind is IdentityKind.CLEAR]
    contents = open_contents(center, LOCAL, clear)
    return index.entries(
        [
            (row.id, row.version, from_content(content))
            for row, content in zip(clear, contents, strict=True)
        ]
    )


def _learned(
    index: CandidateIndex, entries: Sequence[Entry], progress: Progress, *, share: float
) -> Learned:
    """The model of a share of the stock; in all of it a record has more kin than in a part."""
    prior = shipped_model().parameters
    alike = observe(_alike(index, entries, progress), index.bearers, prior)
    strangers = observe(_strangers(entries), index.bearers, prior)
    progress("estimating", 0, 1)
    learned = learn(alike, strangers, records=len(entries), prior=prior, name=prior.name)
    kin = {name: min(rate / share, 99.0) for name, rate in learned.model.kin.items()}
    return replace(learned, model=replace(learned.model, kin=kin))


def _alike(index: CandidateIndex, entries: Sequence[Entry], progress: Progress) -> Iterator[_Pair]:
    """Every pair that registration would compare, once."""
    for start in range(0, len(entries), _BLOCK):
        block = entries[start : start + _BLOCK]
        for entry, found in zip(block, index.candidates(block), strict=True):
            others = {one.identity: one for one in found if one.identity < entry.identity}
            for other in others.values():
                yield _prepared(entry), _prepared(other)
        progress("comparing", start + len(block), len(entries))


def _strangers(entries: Sequence[Entry]) -> Iterator[_Pair]:
    """Random pairs; hardly any is one person."""
    draw = random.Random(1)  # noqa: S311  # a sample, nothing secret hangs on it
    for _ in range(min(_STRANGERS, _STRANGERS_PER_RECORD * len(entries))):
        first, second = draw.sample(entries, 2)
        yield _prepared(first), _prepared(second)


def _prepared(one: Candidate) -> Prepared:
    return one.comparable.variants[0]


def _store(
    center: Center, tx: Transaction, actor: Actor, learned: Learned, *, records: int
) -> ModelVersion:
    known = tx.models.all()
    number = known[0].number + 1 if known else 1
    name = own_name(number)
    version = ModelVersion(
        id=center.new_id(),
        number=number,
        name=name,
        state=ModelState.DRAFT,
        parameters=learned.model.renamed(name).document(),
        records=records,
        pairs=learned.pairs,
        made_by=f"{actor.kind.value}:{actor.name}",
        made_at=center.clock.now(),
    )
    leaf = new_leaf_id(center)
    tx.models.add(version, leaf=leaf)
    counts = {"records": records, "pairs": learned.pairs}
    act = Act(
        EventKind.MATCHING_MODEL_LEARNED,
        domain=scope_of(LOCAL),
        counts=counts,
        facts={"model": name},
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return version
