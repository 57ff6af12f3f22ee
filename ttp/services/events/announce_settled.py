"""Announce what was settled: who was given a project pseudonym hears that another took its place, or that it was mixed.

A pseudonym is contaminated if somebody was given it for a record of a person that now has another one, and that is
not among those that this person has had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.event_kinds import EventKind
from ttp.core.events import FeedKind, Told
from ttp.core.names import IdentityId, PersonId, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.successions import Anchor
from ttp.services.events.announce_event import announce
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf

Persons = Mapping[PersonId, tuple[Sequence[IdentityId], Sequence[Anchor]]]


def announce_settled(
    center: Center,
    tx: Transaction,
    domain: Domain,
    persons: Persons,
    *,
    parted: Sequence[PersonId],
    superseded: Mapping[Pseudonym, Pseudonym],
) -> None:
    """Tell those who were given pseudonyms that were superseded, or that persons who were parted had shared.

    ``persons`` are their records and the pseudonyms that hang on them, the current one first.
    """
    mixed = _mixed(tx, domain, {person: persons[person] for person in parted})
    announce_changes(center, tx, domain, superseded=superseded, mixed=mixed)


def announce_changes(
    center: Center,
    tx: Transaction,
    domain: Domain,
    *,
    superseded: Mapping[Pseudonym, Pseudonym],
    mixed: Mapping[Pseudonym, AbstractSet[Pseudonym]],
) -> None:
    """Tell those who were given pseudonyms what took their place: one other, or several where records were parted.

    Who hears of a successor has it from then on, as if it had been given to them.
    """
    if not superseded and not mixed:
        return
    receipts = tx.events.receipts(domain.name, [*superseded, *mixed])
    recipients: dict[Pseudonym, set[str]] = defaultdict(set)
    for recipient, told in receipts:
        recipients[told.pseudonym].add(recipient)
    replaced: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for old, new in sorted(superseded.items()):
        replaced[frozenset(recipients[old])].append({"old": old, "new": new})
    shared: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for old, others in sorted(mixed.items()):
        shared[frozenset(recipients[old])].append({"pseudonym": old, "new": sorted(others)})
    leaf, number = new_leaf_id(center), 0
    for kind, groups in ((FeedKind.SUPERSEDED, replaced), (FeedKind.CONTAMINATED, shared)):
        for names, items in groups.items():
            number = announce(
                center,
                tx,
                leaf,
                kind,
                domain=domain.name,
                project=domain.project,
                items=items,
                recipients=names,
                number=number,
            )
    _pass_on(tx, domain, receipts, superseded)
    counts = {"superseded": len(superseded), "contaminated": len(mixed)}
    act = Act(EventKind.EVENTS_ANNOUNCED, domain=domain.name, counts=counts)
    record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)


def _pass_on(
    tx: Transaction,
    domain: Domain,
    receipts: Sequence[tuple[str, Told]],
    superseded: Mapping[Pseudonym, Pseudonym],
) -> None:
    """Remember the successors that the events tell, for the records for which the old ones were given."""
    heard: dict[str, list[Told]] = defaultdict(list)
    for recipient, told in receipts:
        if told.pseudonym in superseded:
            heard[recipient].append(Told(told.identity, superseded[told.pseudonym]))
    for recipient, own in sorted(heard.items()):
        tx.events.note_told(domain.name, recipient, own)


def _mixed(tx: Transaction, domain: Domain, persons: Persons) -> dict[Pseudonym, set[Pseudonym]]:
    """Pseudonyms given for records of these persons that are not theirs, with those that are."""
    identities = [identity for own, _ in persons.values() for identity in own]
    told = tx.events.told_of(domain.name, identities) if identities else {}
    mixed: dict[Pseudonym, set[Pseudonym]] = {}
    for own, anchors in persons.values():
        theirs = {anchor.pseudonym for anchor in anchors}
        for identity in own:
            for pseudonym in told.get(identity, frozenset()) - theirs:
                mixed.setdefault(pseudonym, set()).add(anchors[0].pseudonym)
    return mixed
