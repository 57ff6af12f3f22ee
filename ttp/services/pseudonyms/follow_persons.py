"""Follow persons: in the transaction that joins or parts them, their pseudonyms in all domains of persons go along.

The survivor of a merge is current and the others name it; parted persons have what hangs on their own records, and
where somebody was given a pseudonym for a record that is not its person's any more, a fresh one takes its place. All
of it is one plan (``ttp.core.successions``), the same that ``impact_of`` shows before.
"""

from __future__ import annotations

from collections.abc import Mapping

from ttp.core.access import SYSTEM
from ttp.core.center import Center
from ttp.core.domains import Domain
from ttp.core.event_kinds import EventKind
from ttp.core.names import IdentityId, PersonId, PopulationName, Pseudonym
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.successions import Plan, current_of, plan_for
from ttp.services.events.announce_settled import announce_changes
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.pseudonyms.assign_pseudonyms import draw_for_records
from ttp.services.pseudonyms.find_anchors import anchors_of, domains_of_persons

Persons = Mapping[IdentityId, PersonId]


def follow_persons(
    center: Center, tx: Transaction, *, population: PopulationName, before: Persons, after: Persons
) -> None:
    """Let the pseudonyms of local persons follow; ``before`` and ``after`` name all records of the persons concerned.

    A few statements a domain, however many persons. The population's lock is held. Projects at a linking center are
    settled by what asks for their pseudonyms.
    """
    if population != LOCAL:
        return
    for domain in domains_of_persons(tx, population):
        _follow(center, tx, tx.domains.get_for_writing(domain.name), before, after)


def _follow(
    center: Center, tx: Transaction, domain: Domain, before: Persons, after: Persons
) -> None:
    anchors = anchors_of(center, tx, domain, before)
    if not anchors:
        return
    told = tx.events.told_of(domain.name, sorted(before))
    plan = plan_for(before, after, anchors=anchors, told=told)
    current = current_of(after, anchors) | _fresh(center, tx, domain, plan)
    _supersede(center, tx, domain, plan)
    mixed = {
        old: {current[person] for person in persons if person in current}
        for old, persons in plan.mixed.items()
    }
    announce_changes(center, tx, domain, superseded=plan.superseded, mixed=mixed)


def _fresh(
    center: Center, tx: Transaction, domain: Domain, plan: Plan
) -> dict[PersonId, Pseudonym]:
    """Draw for persons that need one of their own; a domain that may not issue now gives it when it is asked for."""
    fresh = plan.drawn_in(domain)
    if not fresh:
        return {}
    leaf = new_leaf_id(center)
    drawn = draw_for_records(center, tx, domain, list(fresh.values()), leaf=leaf)
    act = Act(
        EventKind.PSEUDONYMS_ISSUED,
        domain=domain.name,
        counts={"answered": 0, "created": len(drawn)},
        subjects=tuple(str(one).encode() for one in drawn),
    )
    record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)
    return {person: drawn[one] for person, one in fresh.items() if one in drawn}


def _supersede(center: Center, tx: Transaction, domain: Domain, plan: Plan) -> None:
    if not plan.successors:
        return
    leaf = new_leaf_id(center)
    tx.successions.supersede(domain, plan.successors, leaf=leaf)
    act = Act(
        EventKind.PSEUDONYMS_SUCCEEDED,
        domain=domain.name,
        counts={"superseded": len(plan.superseded), "restored": len(plan.restored)},
        items=tuple(f"{old}>{new or ''}".encode() for old, new in sorted(plan.successors.items())),
    )
    record_leaf(center, tx, SYSTEM, act, leaf_id=leaf)
