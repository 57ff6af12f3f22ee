"""Settle project pseudonyms: every person of a project has one; after merges the older one, after a parting its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.errors import UnknownPopulation
from ttp.core.event_kinds import EventKind
from ttp.core.names import IdentityId, LeafId, PersonId, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.pseudonyms import MAXIMAL_ITEMS
from ttp.core.successions import Anchor, changed_successors, oldest_first
from ttp.services.events.announce_settled import announce_settled
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.find_anchors import anchors_of
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms


@dataclass(frozen=True, slots=True)
class Assigned:
    """The pseudonym of a person of a project, and those of its records that it supersedes, oldest first."""

    pseudonym: Pseudonym
    former: tuple[Pseudonym, ...] = ()


def settle_project_pseudonyms(
    center: Center,
    tx: Transaction,
    project: Project,
    *,
    identities: Sequence[IdentityId] | None = None,
) -> dict[IdentityId, Assigned]:
    """The project pseudonym of the person of every submitted record, or of some and all that belong to them.

    Draws, supersedes and restores as need be. What is superseded stays resolvable and names its successor.
    Calling it again changes nothing. The population stays as it is until the transaction ends.
    """
    with suppress(UnknownPopulation):  # nothing was submitted yet
        tx.identities.lock(project.population)
    domain = tx.domains.get_for_writing(project.domain)
    persons = _persons(tx, project, identities)
    anchors = _anchors(center, tx, domain, persons)
    missing = [person for person, found in anchors.items() if not found]
    if missing:
        _issue(center, tx, domain, missing)
        fresh = {person: persons[person] for person in missing}
        anchors |= _anchors(center, tx, domain, fresh)
    changed = _succeed(center, tx, domain, anchors)
    announce_settled(
        center,
        tx,
        domain,
        {person: (identities, anchors[person]) for person, identities in persons.items()},
        parted=[*missing, *_restored(anchors, changed)],
        superseded={old: new for old, new in changed.items() if new is not None},
    )
    return {
        identity: _assigned(anchors[person])
        for person, identities in persons.items()
        for identity in identities
    }


def _persons(
    tx: Transaction, project: Project, identities: Sequence[IdentityId] | None
) -> dict[PersonId, list[IdentityId]]:
    """The identities of each person, oldest first."""
    if identities is None:
        every = [(one.person, one.identity) for one in tx.releases.members(project.population)]
    else:
        known = {one.person for one in tx.identities.get(identities).values()}
        every = [(one.person, one.id) for one in tx.identities.members(sorted(known))]
    persons: dict[PersonId, list[IdentityId]] = {}
    for person, identity in sorted(every, key=lambda one: one[1]):
        persons.setdefault(person, []).append(identity)
    return persons


def _anchors(
    center: Center,
    tx: Transaction,
    domain: Domain,
    persons: Mapping[PersonId, Sequence[IdentityId]],
) -> dict[PersonId, list[Anchor]]:
    """The pseudonyms that hang on the identities of each person, oldest first."""
    known = anchors_of(center, tx, domain, (one for own in persons.values() for one in own))
    return {
        person: oldest_first(known[one] for one in own if one in known)
        for person, own in persons.items()
    }


def _issue(center: Center, tx: Transaction, domain: Domain, persons: Sequence[PersonId]) -> None:
    for start in range(0, len(persons), MAXIMAL_ITEMS):
        issue_pseudonyms(
            center,
            tx,
            SYSTEM,
            domain_name=domain.name,
            originals=[str(person) for person in persons[start : start + MAXIMAL_ITEMS]],
            atomic=True,
        )


def _succeed(
    center: Center, tx: Transaction, domain: Domain, anchors: Mapping[PersonId, Sequence[Anchor]]
) -> dict[Pseudonym, Pseudonym | None]:
    """Set and take back successors; returns what was changed."""
    changes = {old: new for own in anchors.values() for old, new in changed_successors(own).items()}
    if changes:
        leaf = new_leaf_id(center)
        tx.successions.supersede(domain, changes, leaf=leaf)
        _record(center, tx, domain, changes, leaf)
    return changes


def _restored(
    anchors: Mapping[PersonId, Sequence[Anchor]], changed: Mapping[Pseudonym, Pseudonym | None]
) -> list[PersonId]:
    """Persons that have a pseudonym of their own again."""
    back = {pseudonym for pseudonym, successor in changed.items() if successor is None}
    return [person for person, own in anchors.items() if own[0].pseudonym in back]


def _record(
    center: Center,
    tx: Transaction,
    domain: Domain,
    changes: Mapping[Pseudonym, Pseudonym | None],
    leaf: LeafId,
) -> None:
    superseded = sum(successor is not None for successor in changes.values())
    act = Act(
        EventKind.PSEUDONYMS_SUCCEEDED,
        domain=domain.name,
        counts={"superseded": superseded, "restored": len(changes) - superseded},
        items=tuple(f"{old}>{new or ''}".encode() for old, new in sorted(changes.items())),
    )
    record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)


def _assigned(own: Sequence[Anchor]) -> Assigned:
    return Assigned(own[0].pseudonym, tuple(anchor.pseudonym for anchor in own[1:]))
