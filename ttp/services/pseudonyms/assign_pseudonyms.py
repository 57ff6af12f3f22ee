"""Assign pseudonyms: the one current pseudonym of the person of each record, drawn once, whoever asks at the same time.

What is known is answered without a lock. What has to be drawn is drawn under the population's lock, under which
persons change: nobody is merged meanwhile, and two requests for two records of one person draw one pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import DomainExhausted, TTPError, UnknownOriginal
from ttp.core.event_kinds import EventKind
from ttp.core.events import Told, recipient_of
from ttp.core.names import IdentityId, LeafId, Original, PersonId, Pseudonym
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued, PseudonymState
from ttp.core.successions import Anchor, changed_successors, oldest_first, records_of
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.draw_missing import draw_missing
from ttp.services.pseudonyms.find_anchors import anchors_of
from ttp.services.pseudonyms.link_originals import current_indexes

LOOKS = 5
Given = Mapping[IdentityId, Pseudonym]


@dataclass(frozen=True, slots=True)
class Assigned:
    """The pseudonym of the person of each record that has one, and the records of persons that got it just now."""

    pseudonyms: dict[IdentityId, Pseudonym] = field(default_factory=dict)
    created: frozenset[IdentityId] = frozenset()

    def answer(self, record: IdentityId, *, create: bool) -> Issued | TTPError:
        """What is told of a record that is known: its person's pseudonym, or why there is none."""
        if record in self.pseudonyms:
            return Issued(self.pseudonyms[record], record in self.created)
        return DomainExhausted() if create else UnknownOriginal()


@dataclass(frozen=True, slots=True)
class _Standing:
    """Persons as they stand: whose each record is, and the pseudonyms of each, the current one first.

    ``over``: anchors whose time is over.
    """

    persons: Mapping[IdentityId, PersonId]
    own: Mapping[PersonId, Sequence[Anchor]]
    over: Sequence[Anchor] = ()

    def current(self, records: Iterable[IdentityId]) -> dict[IdentityId, Pseudonym]:
        """The pseudonym of the person of each record that has one."""
        return {
            one: self.own[self.persons[one]][0].pseudonym
            for one in records
            if self.own.get(self.persons.get(one, PersonId(one)))
        }

    def is_settled(self, records: Iterable[IdentityId]) -> bool:
        """Whether all persons of these records have a pseudonym, and only one that is current."""
        concerned = {self.persons.get(one) for one in records}
        return not self.over and all(
            one is not None and self.own[one] and not changed_successors(self.own[one])
            for one in concerned
        )


def assign_pseudonyms(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    records: Sequence[IdentityId],
    *,
    create: bool,
    calls: int = 1,
) -> Assigned:
    """The pseudonyms of the persons of these records; where a person has none, drawn if ``create``.

    A new pseudonym hangs on the first of its person's records in the order given. Rights and the state of the domain
    are checked by the use case that calls this; it remembers with ``note_given`` what it tells.
    """
    wanted = list(dict.fromkeys(records))
    standing = _standing(center, tx, domain, wanted)
    made: frozenset[IdentityId] = frozenset()
    leaf = None
    if create and not standing.is_settled(wanted):
        tx.identities.lock(LOCAL)
        domain = tx.domains.get_for_writing(domain.name)
        leaf = new_leaf_id(center)
        standing = _standing(center, tx, domain, wanted)
        made = _settle(center, tx, domain, standing, wanted, leaf=leaf)
        standing = _standing(center, tx, domain, wanted)
    found = standing.current(wanted)
    created = len({standing.persons[one] for one in made})
    _record(center, tx, actor, domain, found, created=created, leaf=leaf, calls=calls)
    return Assigned(found, made)


def note_given(
    tx: Transaction, actor: Actor, domain: Domain, given: Iterable[tuple[IdentityId, Pseudonym]]
) -> None:
    """Remember that the actor was given these pseudonyms for these records."""
    told = [Told(identity, pseudonym) for identity, pseudonym in dict.fromkeys(given)]
    tx.events.note_told(domain.name, recipient_of(actor), told)


def _standing(
    center: Center, tx: Transaction, domain: Domain, wanted: Sequence[IdentityId]
) -> _Standing:
    persons = _persons(tx, wanted)
    anchors = anchors_of(center, tx, domain, persons)
    over = _over(center, tx, domain, anchors.values())
    own = {
        person: oldest_first(
            anchors[one] for one in records if one in anchors and anchors[one].pseudonym not in over
        )
        for person, records in records_of(persons).items()
    }
    return _Standing(persons, own, [one for one in anchors.values() if one.pseudonym in over])


def _persons(tx: Transaction, wanted: Sequence[IdentityId]) -> dict[IdentityId, PersonId]:
    """All records of the persons of these, looked at again where a person was joined between two questions."""
    for _ in range(LOOKS):
        known = tx.identities.get(sorted(wanted))
        members = tx.identities.members(sorted({one.person for one in known.values()}))
        persons = {one.id: one.person for one in members}
        if persons.keys() >= known.keys():
            break
    return persons


def _over(
    center: Center, tx: Transaction, domain: Domain, anchors: Iterable[Anchor]
) -> set[Pseudonym]:
    """Those whose time is over, superseded ones included: none of them becomes current again."""
    if not domain.expires:
        return set()
    now = center.clock.now()
    standing = tx.pseudonym_states.standing(domain, [one.pseudonym for one in anchors])
    return {
        token
        for token, found in standing.items()
        if found.valid_until is not None and found.valid_until <= now
    }


def _settle(
    center: Center,
    tx: Transaction,
    domain: Domain,
    standing: _Standing,
    wanted: Sequence[IdentityId],
    *,
    leaf: LeafId,
) -> frozenset[IdentityId]:
    """End what is over, set successors, draw for persons that have none; gives the records of these."""
    if standing.over:
        ended = [anchor.index for anchor in standing.over]
        tx.pseudonyms.end(domain, ended, state=PseudonymState.EXPIRED, leaf=leaf)
    changes = {
        old: new for own in standing.own.values() for old, new in changed_successors(own).items()
    }
    tx.successions.supersede(domain, changes, leaf=leaf)
    first: dict[PersonId, IdentityId] = {}
    for one in wanted:
        if one in standing.persons and not standing.own[standing.persons[one]]:
            first.setdefault(standing.persons[one], one)
    draw_for_records(center, tx, domain, list(first.values()), leaf=leaf)
    return frozenset(one for one in wanted if standing.persons.get(one) in first)


def draw_for_records(
    center: Center, tx: Transaction, domain: Domain, records: Sequence[IdentityId], *, leaf: LeafId
) -> dict[IdentityId, Pseudonym]:
    """Give each record a pseudonym that hangs on it; those for which none is free are left out."""
    originals = [Original(str(one)) for one in records]
    indexes = current_indexes(center, domain, originals)
    known: dict[bytes, Pseudonym] = {}
    if originals:
        missing = dict(zip(indexes, originals, strict=True))
        draw_missing(center, tx, domain, missing, known, leaf)
    return {
        one: known[index] for one, index in zip(records, indexes, strict=True) if index in known
    }


def _record(
    center: Center,
    tx: Transaction,
    actor: Actor,
    domain: Domain,
    found: Given,
    *,
    created: int,
    leaf: LeafId | None,
    calls: int,
) -> None:
    counts = {"answered": len(found), "created": created}
    act = Act(
        EventKind.PSEUDONYMS_ISSUED if leaf else EventKind.PSEUDONYMS_READ,
        domain=domain.name,
        counts=counts if calls == 1 else counts | {"calls": calls},
        subjects=tuple(str(one).encode() for one in found),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
