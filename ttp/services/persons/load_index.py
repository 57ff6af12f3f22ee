"""Load the index: what is committed is read ahead of registrations, so that none waits for a whole population.

Reading ahead takes no lock: blocks are read, opened and encoded in transactions of their own, and taken over in the
order in which they were committed. What is missing then is a moment's work under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Lock
from weakref import WeakKeyDictionary, WeakSet

from keys.keyring import Purpose
from ttp.core.candidate_index import CandidateIndex, Entry, IndexLoading
from ttp.core.center import Center
from ttp.core.identifying_data import from_content
from ttp.core.identities import Population, StoredVersion
from ttp.core.names import PopulationName
from ttp.core.persons import LOCAL, IdentityKind, scope_of
from ttp.core.ports import Transaction, Work
from ttp.services.persons.seal_identities import open_contents

MOST_BEHIND = 5000
"""Changes a registration catches up with by itself, in less than a second, where something reads ahead."""
_BLOCK = 5000
_PAUSE = 2.0
"""Seconds between two looks at what others committed."""

_indexes: WeakKeyDictionary[Work, dict[str, tuple[int, CandidateIndex]]] = WeakKeyDictionary()
_read_ahead: WeakSet[Work] = WeakSet()
_guard = Lock()


def present_index(center: Center, population: PopulationName) -> CandidateIndex:
    """The process's index of a population as far as it was read; made anew when the match key was rotated."""
    key = center.keyring.active(Purpose.MATCH, scope_of(population))
    with _guard:
        of_center = _indexes.setdefault(center.work, {})
        version, index = of_center.get(population, (0, None))
        if index is None or version != key.version:
            index = CandidateIndex(secret=key.secret, population=population)
            of_center[population] = key.version, index
    return index


def complete_index(
    center: Center, tx: Transaction, population: Population, index: CandidateIndex
) -> None:
    """Take over what is still missing; the population's lock is held.

    Raises:
        IndexLoading: that is too much, and this process reads ahead; it soon will have.
    """
    behind = population.sequence - index.mark
    if behind > MOST_BEHIND and center.work in _read_ahead:
        raise IndexLoading
    while True:
        since = index.mark
        rows = tx.identities.changed_since(population.name, since, limit=_BLOCK)
        _take_over(center, population.name, index, rows, since=since)
        if len(rows) < _BLOCK:
            return


def load_index(center: Center, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Read ahead all that is committed of the local population, without its lock."""
    if center.work.run(_local, write=False) is None:
        return
    index = present_index(center, LOCAL)
    while not stop():
        since = index.mark
        rows = center.work.run(partial(_changed, since=since), write=False)
        _take_over(center, LOCAL, index, rows, since=since)
        if len(rows) < _BLOCK:
            return


def keep_index_loaded(center: Center, stop: Event) -> None:
    """Read ahead again and again until told to stop; registrations of this process rely on it from now on."""
    _read_ahead.add(center.work)
    while True:
        load_index(center, stop=stop.is_set)
        if stop.wait(_PAUSE):
            return


def index_is_loading(center: Center, tx: Transaction) -> bool:
    """Whether registrations are refused for now."""
    population = _local(tx) if center.work in _read_ahead else None
    if population is None:
        return False
    return population.sequence - present_index(center, LOCAL).mark > MOST_BEHIND


def _local(tx: Transaction) -> Population | None:
    return next((one for one in tx.identities.populations() if one.name == LOCAL), None)


def _changed(tx: Transaction, *, since: int) -> list[StoredVersion]:
    return tx.identities.changed_since(LOCAL, since, limit=_BLOCK)


def _take_over(
    center: Center,
    population: PopulationName,
    index: CandidateIndex,
    rows: Sequence[StoredVersion],
    *,
    since: int,
) -> None:
    if not rows:
        return
    present = [row for row in rows if row.is_active and row.kind is IdentityKind.CLEAR]
    gone = [row.id for row in rows if not row.is_active]
    entries = _entries(center, population, index, present)
    index.follow(entries, gone=gone, since=since, until=rows[-1].sequence)


def _entries(
    center: Center,
    population: PopulationName,
    index: CandidateIndex,
    rows: Sequence[StoredVersion],
) -> list[Entry]:
    kept = {row.id: index.remembered(row.envelope) for row in rows}
    missing = [row for row in rows if kept[row.id] is None]
    contents = open_contents(center, population, missing)
    opened = index.entries(
        [
            (row.id, row.version, from_content(content))
            for row, content in zip(missing, contents, strict=True)
        ]
    )
    fresh = {entry.identity: entry for entry in opened}
    return [kept[row.id] or fresh[row.id] for row in rows]
