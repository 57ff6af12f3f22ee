"""Register identities: match and insert under one lock, so that nobody becomes two persons by coming twice at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField, TooManyItems, TTPError
from ttp.core.event_kinds import EventKind
from ttp.core.federation import require_local
from ttp.core.identifying_data import DuplicateRecordId, IdentifyingData, checked_record
from ttp.core.identities import (
    MAXIMAL_RECORDS,
    IdentityRow,
    KnownRecord,
    Outcome,
    Population,
    Registered,
)
from ttp.core.names import IdentityId, LeafId
from ttp.core.persons import LOCAL, IdentityKind, Pair, scope_of
from ttp.core.ports import Transaction
from ttp.services.hospital.bring_awaited import bring_awaited
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.assign_persons import Assigned
from ttp.services.persons.follow_changes import Followed
from ttp.services.persons.link_matches import Matched, link_matches, match
from ttp.services.persons.match_records import index_of
from ttp.services.persons.open_population import open_population
from ttp.services.persons.seal_identities import (
    digests,
    identifier_indexes,
    record_indexes,
    record_key,
    seal_contents,
)
from ttp.services.persons.settle_persons import persons_of
from ttp.services.pseudonyms.issue_pseudonyms import refuse_if_atomic

LONGEST_SOURCE = 63

Answers = list[Registered | TTPError]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A record that is new or changed: where in the batch, under which identity and version."""

    position: int
    data: IdentifyingData
    identity: IdentityId
    version: int
    record: tuple[bytes, bytes | None]
    digest: bytes
    active: bool = True


def register_identities(
    center: Center,
    tx: Transaction,
    actor: Actor,
    *,
    source: str,
    records: Sequence[object],
    atomic: bool = False,
    matching: bool = True,
    calls: int = 1,
) -> Answers:
    """Register the records of one source, in the order given; the same record again changes nothing.

    A record is an object of the known fields, or one that was checked before, or what was wrong with it. One
    that cannot be registered is an error in its place. Persons are named only to those who may read them. Without
    ``matching`` each new record is a person of its own until joined. The leaf says for how many ``calls`` it stands.

    Raises:
        NotAllowed, WrongRole, InvalidField (source), TooManyItems: for the request as a whole.
        AtomicBatchRefused: the batch is atomic and holds a record that cannot be registered.
    """
    actor.require(Right.REGISTER)
    require_local(center)
    source = checked_source(source)
    if len(records) > MAXIMAL_RECORDS:
        raise TooManyItems(f"A request holds at most {MAXIMAL_RECORDS} records.")
    checked = check_records(center, records)
    refuse_if_atomic(checked, atomic=atomic)
    valid = {place: one for place, one in enumerate(checked) if isinstance(one, IdentifyingData)}
    done = _register(center, tx, actor, source, valid, matching=matching, calls=calls)
    if not actor.may(Right.READ_PERSON):
        done = {place: replace(one, person=None) for place, one in done.items()}
    return [one if isinstance(one, TTPError) else done[place] for place, one in enumerate(checked)]


def checked_source(source: str) -> str:
    """The name of a source.

    Raises:
        InvalidField: not 1 to 63 printable characters.
    """
    if not 1 <= len(source) <= LONGEST_SOURCE or not source.isprintable():
        raise InvalidField(f"A source has 1 to {LONGEST_SOURCE} printable characters.")
    return source


def check_records(center: Center, records: Sequence[object]) -> list[IdentifyingData | TTPError]:
    """Each record, or what is wrong with it; all bearers of a repeated record ID are refused."""
    today = latest_day(center)
    checked = [_checked(record, today) for record in records]
    ids = Counter(one.record_id for one in checked if isinstance(one, IdentifyingData))
    return [
        DuplicateRecordId()
        if isinstance(one, IdentifyingData) and one.record_id and ids[one.record_id] > 1
        else one
        for one in checked
    ]


def latest_day(center: Center) -> date:
    """The day it is where the day begins first: no birth date lies after it."""
    return (center.clock.now() + timedelta(hours=14)).date()


def _checked(record: object, today: date) -> IdentifyingData | TTPError:
    if isinstance(record, IdentifyingData | TTPError):
        return record
    try:
        return checked_record(record, today=today)
    except TTPError as error:
        return error


def _register(
    center: Center,
    tx: Transaction,
    actor: Actor,
    source: str,
    valid: dict[int, IdentifyingData],
    *,
    matching: bool,
    calls: int,
) -> dict[int, Registered]:
    if not valid:
        return {}
    open_population(center, tx, name=LOCAL)
    population = tx.identities.lock(LOCAL)
    leaf = new_leaf_id(center)
    known, arrivals, repeats = _sorted(center, tx, population, source, valid)
    matched = _match_and_insert(
        center, tx, population, source, arrivals, leaf=leaf, matching=matching
    )
    asked = link_matches(center, tx, population, matched, leaf=leaf)
    if population.awaiting:
        came = {one.data.record_id: one.identity for one in arrivals if one.data.record_id}
        came |= {name: one.id for place, one in known.items() if (name := valid[place].record_id)}
        bring_awaited(center, tx, source=source, came=came, leaf=leaf)
    moved = bool(arrivals) or population.awaiting
    done = _results(tx, arrivals, matched, known, asked, valid, moved=moved)
    done |= {place: replace(done[first], outcome=Outcome.KNOWN) for place, first in repeats.items()}
    _record(center, tx, actor, source, done, matched, leaf=leaf, calls=calls)
    return done


def _sorted(
    center: Center,
    tx: Transaction,
    population: Population,
    source: str,
    valid: dict[int, IdentifyingData],
) -> tuple[dict[int, KnownRecord], list[_Arrival], dict[int, int]]:
    """Known records, new or changed ones, and repeats (position → first position) of nameless records."""
    records = list(valid.values())
    indexes = record_indexes(center, population, [record_key(source, one) for one in records])
    found = tx.identities.known(population.name, [current for current, _ in indexes])
    stand = [one.digest if (one := found.get(index[0])) else None for index in indexes]
    prints = digests(center, population.name, [one.content() for one in records], standing=stand)
    known: dict[int, KnownRecord] = {}
    arrivals: list[_Arrival] = []
    repeats: dict[int, int] = {}
    first_at: dict[bytes, int] = {}
    for (place, data), index, digest in zip(valid.items(), indexes, prints, strict=True):
        before = found.get(index[0])
        if (first := first_at.setdefault(index[0], place)) != place:
            repeats[place] = first
        elif before is not None and before.digest == digest:
            known[place] = before
        else:
            identity = before.id if before else IdentityId(center.new_id())
            version = before.version + 1 if before else 1
            active = before is None or before.active
            arrivals.append(_Arrival(place, data, identity, version, index, digest, active))
    return known, arrivals, repeats


def _match_and_insert(
    center: Center,
    tx: Transaction,
    population: Population,
    source: str,
    arrivals: Sequence[_Arrival],
    *,
    leaf: LeafId,
    matching: bool,
) -> Matched:
    if not arrivals:
        return Matched((), {}, Followed())
    index = index_of(center, tx, population)
    compared = [one for one in arrivals if one.active and matching]
    records = [(one.identity, one.version, one.data) for one in compared]
    matched = match(center, tx, population, index, records, leaf=leaf)
    rows = _rows(center, population, source, arrivals)
    tx.identities.add(population.name, rows, at=center.clock.now(), leaf=leaf)
    stored = {row.id: row.envelope for row in rows}
    fresh = [entry for entry in matched.entries if entry.identity in stored]
    index.remember({stored[entry.identity]: entry for entry in fresh})
    return matched


def _rows(
    center: Center, population: Population, source: str, arrivals: Sequence[_Arrival]
) -> list[IdentityRow]:
    sealed = seal_contents(
        center,
        population.name,
        [(one.identity, one.version, one.data.content()) for one in arrivals],
    )
    flat = [identifier for one in arrivals for identifier in one.data.identifiers]
    indexes = iter(identifier_indexes(center, population, flat))
    return [
        IdentityRow(
            id=one.identity,
            kind=IdentityKind.CLEAR,
            source=source,
            version=one.version,
            record_current=one.record[0],
            record_next=one.record[1],
            digest=one.digest,
            envelope=envelope,
            identifiers=tuple(next(indexes) for _ in one.data.identifiers),
        )
        for one, envelope in zip(arrivals, sealed, strict=True)
    ]


def _results(
    tx: Transaction,
    arrivals: Sequence[_Arrival],
    matched: Matched,
    known: dict[int, KnownRecord],
    asked: set[Pair],
    valid: dict[int, IdentifyingData],
    *,
    moved: bool,
) -> dict[int, Registered]:
    persons = {one.id: one.person for one in known.values()}
    persons |= persons_of(tx, [*(persons if moved else ()), *(one.identity for one in arrivals)])
    done = {
        place: Registered(valid[place].record_id, Outcome.KNOWN, one.id, persons[one.id])
        for place, one in known.items()
    }
    for one in arrivals:
        outcome = _outcome(one, matched.of(one.identity), asked)
        done[one.position] = Registered(
            one.data.record_id, outcome, one.identity, persons[one.identity]
        )
    return done


def _outcome(arrival: _Arrival, assigned: Assigned, asked: set[Pair]) -> Outcome:
    contradicted = any(edge.pair in asked for edge in assigned.edges)
    if assigned.edges and not contradicted:
        return Outcome.LINKED
    if contradicted or any(match.pair in asked for match in assigned.possible):
        return Outcome.CASE
    return Outcome.NEW if arrival.version == 1 else Outcome.CHANGED


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    source: str,
    done: dict[int, Registered],
    matched: Matched,
    *,
    leaf: LeafId,
    calls: int,
) -> None:
    counts = Counter(one.outcome.value for one in done.values())
    counts.update(matched.followed.counts() | ({"calls": calls} if calls > 1 else {}))
    act = Act(
        EventKind.IDENTITIES_REGISTERED,
        domain=scope_of(LOCAL),
        counts=dict(counts),
        facts={"source": source},
        subjects=tuple(sorted({one.identity.bytes for one in done.values()})),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
