"""Uncover a field: one more step of one pair's values, within a person's budget of the day, on record."""

from __future__ import annotations

from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.case_work import Disclosure, DisclosureSpent
from ttp.core.center import Center
from ttp.core.disclosing import WHOLE, shown, visible
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.identifying_data import FIELDS, from_content
from ttp.core.names import CaseId
from ttp.core.persons import IdentityKind, Pair, scope_of
from ttp.core.ports import Transaction
from ttp.core.review import ReviewCase
from ttp.services.log.record_leaf import Act, new_leaf_id, record_leaf
from ttp.services.persons.seal_identities import open_contents


@dataclass(frozen=True, slots=True)
class Budget:
    """How many characters a person uncovered today, and how many a day are allowed."""

    used: int
    most: int

    @property
    def share(self) -> float:
        """The used share, 0 to 1."""
        return min(1.0, self.used / self.most) if self.most else 1.0


def uncover_field(
    center: Center, tx: Transaction, actor: Actor, *, case_id: CaseId, pair: Pair, field: str
) -> int:
    """Go one step further with a field of a pair; returns the step reached. At the last step nothing happens.

    Raises:
        NotAllowed, UnknownCase: and nothing is uncovered. InvalidField: the case has no such pair or field.
        DisclosureSpent: the budget of the day does not last for it.
    """
    actor.require(Right.REVIEW)
    actor.require(Right.READ_PERSON)
    case = tx.review.get(case_id)
    actor.require_population(Right.READ_PERSON, case.population)
    values = _values(center, tx, case, pair, field)
    day = center.clock.now().date()
    used = tx.case_work.disclosed(actor.name, day, hold=True)
    step = tx.case_work.uncovered(actor.name, day, case_id).get((pair, field), 0)
    if step >= WHOLE:
        return step
    characters = visible(*shown(*values, step=step + 1)) - visible(*shown(*values, step=step))
    if used + characters > center.desk.daily_characters:
        raise DisclosureSpent
    leaf = new_leaf_id(center)
    one = Disclosure(
        center.new_id(), actor.name, day, case_id, pair, field, step + 1, max(0, characters)
    )
    tx.case_work.disclose(one, leaf=leaf)
    act = Act(
        EventKind.CASE_UNCOVERED,
        domain=scope_of(case.population),
        counts={"characters": one.characters, "step": one.step},
        facts={"case": str(case_id), "field": field},
        subjects=tuple(sorted(identity.bytes for identity in pair)),
    )
    record_leaf(center, tx, actor, act, leaf_id=leaf)
    return one.step


def budget_of(center: Center, tx: Transaction, actor: Actor) -> Budget:
    """What the actor uncovered today."""
    used = tx.case_work.disclosed(actor.name, center.clock.now().date())
    return Budget(used, center.desk.daily_characters)


def _values(
    center: Center, tx: Transaction, case: ReviewCase, pair: Pair, field: str
) -> tuple[str, str]:
    asked = {one.match.pair for one in tx.review.pairs([case.id]).get(case.id, [])}
    rows = tx.identities.versions(list(pair)) if pair in asked else {}
    clear = [rows[one] for one in pair if one in rows and rows[one].kind is IdentityKind.CLEAR]
    if field not in FIELDS or len(clear) != 2:
        raise InvalidField("The case has no such field of such a pair.")
    first, second = open_contents(center, case.population, clear)
    return from_content(first).fields.get(field, ""), from_content(second).fields.get(field, "")
