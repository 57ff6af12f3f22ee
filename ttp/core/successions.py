"""Successions: which pseudonym of a person is current, and what becomes of them when persons are joined or parted.

A pseudonym hangs on the record for which it was first issued, for good. Of those that hang on the records of one
person the oldest is current; the others are tombstones that name it. So a merge loses nothing, and when the person
is parted again each part has what hangs on its own records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ttp.core.domain_policy import LifeCycle
from ttp.core.domains import Domain
from ttp.core.names import IdentityId, LeafId, PersonId, PopulationName, Pseudonym


@dataclass(frozen=True, slots=True)
class Anchor:
    """A pseudonym and the blind index of the original it was issued for, in order of creation."""

    pseudonym: Pseudonym
    index: bytes
    created_at: datetime
    successor: Pseudonym | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows for the pseudonyms of one domain when the persons of records change.

    Attributes:
        successors: pseudonyms whose successor changes, with the new one; None: current again.
        mixed: pseudonyms that somebody was given for a record of a person that had them and has them no longer,
            with the persons to which these records belong now.
        fresh: persons that need a pseudonym of their own, with the record on which it is to hang.
    """

    successors: Mapping[Pseudonym, Pseudonym | None] = field(default_factory=dict)
    mixed: Mapping[Pseudonym, frozenset[PersonId]] = field(default_factory=dict)
    fresh: Mapping[PersonId, IdentityId] = field(default_factory=dict)

    @property
    def superseded(self) -> dict[Pseudonym, Pseudonym]:
        """Pseudonyms that get a successor, with it."""
        return {old: new for old, new in self.successors.items() if new is not None}

    def drawn_in(self, domain: Domain) -> Mapping[PersonId, IdentityId]:
        """Those of ``fresh`` that are drawn at once: all or, where a domain issues nothing now, none."""
        return self.fresh if domain.state is LifeCycle.ACTIVE else {}

    @property
    def restored(self) -> list[Pseudonym]:
        """Pseudonyms that are current again."""
        return [old for old, new in self.successors.items() if new is None]


def oldest_first(anchors: Iterable[Anchor]) -> list[Anchor]:
    """Pseudonyms of one person, the current one first; of the same age they stay in the order given."""
    return sorted(anchors, key=lambda anchor: anchor.created_at)


def changed_successors(own: Sequence[Anchor]) -> dict[Pseudonym, Pseudonym | None]:
    """What has to change so that all pseudonyms of a person but the first name the first as their successor."""
    changes: dict[Pseudonym, Pseudonym | None] = {}
    for anchor in own:
        successor = None if anchor is own[0] else own[0].pseudonym
        if anchor.successor != successor:
            changes[anchor.pseudonym] = successor
    return changes


def records_of(persons: Mapping[IdentityId, PersonId]) -> dict[PersonId, list[IdentityId]]:
    """The records of each person in the order of their IDs."""
    found: dict[PersonId, list[IdentityId]] = {}
    for identity in sorted(persons):
        found.setdefault(persons[identity], []).append(identity)
    return found


def current_of(
    persons: Mapping[IdentityId, PersonId], anchors: Mapping[IdentityId, Anchor]
) -> dict[PersonId, Pseudonym]:
    """The current pseudonym of each person that has one: the oldest that hangs on its records."""
    return {
        person: oldest_first(own)[0].pseudonym
        for person, records in records_of(persons).items()
        if (own := [anchors[one] for one in records if one in anchors])
    }


def plan_for(
    before: Mapping[IdentityId, PersonId],
    after: Mapping[IdentityId, PersonId],
    *,
    anchors: Mapping[IdentityId, Anchor],
    told: Mapping[IdentityId, frozenset[Pseudonym]],
) -> Plan:
    """What follows when the persons of these records change from ``before`` to ``after``; both name all their records.

    ``anchors``: what hangs on each record. ``told``: what anybody was given for each record.
    """
    had = _pseudonyms(before, anchors)
    successors: dict[Pseudonym, Pseudonym | None] = {}
    mixed: dict[Pseudonym, set[PersonId]] = {}
    fresh: dict[PersonId, IdentityId] = {}
    for person, records in records_of(after).items():
        own = oldest_first(anchors[one] for one in records if one in anchors)
        successors |= changed_successors(own)
        theirs = {anchor.pseudonym for anchor in own}
        for one in records:
            lost = told.get(one, frozenset()) & had.get(before[one], frozenset()) - theirs
            for pseudonym in lost:
                mixed.setdefault(pseudonym, set()).add(person)
            if lost and not own:
                fresh.setdefault(person, one)
    return Plan(successors, {old: frozenset(new) for old, new in mixed.items()}, fresh)


def _pseudonyms(
    persons: Mapping[IdentityId, PersonId], anchors: Mapping[IdentityId, Anchor]
) -> dict[PersonId, frozenset[Pseudonym]]:
    return {
        person: frozenset(anchors[one].pseudonym for one in records if one in anchors)
        for person, records in records_of(persons).items()
    }


class SuccessionStore(Protocol):
    """Which pseudonyms of a domain were superseded by which, and which hang on an original."""

    def records(
        self, population: PopulationName, source: str, *, after: IdentityId | None, limit: int
    ) -> list[IdentityId]:
        """The identities of one source after a given one, in the order of their IDs."""
        ...

    def anchors(self, domain: Domain, indexes: Sequence[bytes]) -> dict[bytes, Anchor]:
        """The pseudonym that hangs on each index, current or superseded."""
        ...

    def supersede(
        self, domain: Domain, successors: Mapping[Pseudonym, Pseudonym | None], *, leaf: LeafId
    ) -> None:
        """Set or, with None, take back the successor of pseudonyms; their strings and originals stay."""
        ...
