"""Find contradictions: insurance numbers and birth dates that a decision would bring together in one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ttp.core.center import Center
from ttp.core.decisions import FIELDS_FOR_LIFE, Plan
from ttp.core.identifying_data import from_content
from ttp.core.names import CaseId, IdentityId, PersonId
from ttp.core.persons import Grouping, IdentityKind
from ttp.core.ports import Transaction
from ttp.services.persons.seal_identities import open_contents
from ttp.services.persons.settle_persons import with_their_persons

_DIFFERENT = "different"


def contradictions(
    center: Center, tx: Transaction, plan: Plan, *, case_id: CaseId | None
) -> frozenset[str]:
    """The fields for life in which persons differ that the plan would join; nothing of their values is told.

    Where this center has encodings only, the evidence of the case is all there is.
    """
    if not plan.same or case_id is None:
        return frozenset()
    members = with_their_persons(tx, sorted({one for pair in plan.same for one in pair}))
    rows = tx.identities.versions([one.id for one in members])
    clear = [row for row in rows.values() if row.kind is IdentityKind.CLEAR]
    if not clear:
        return _of_evidence(tx, plan, case_id)
    contents = open_contents(center, plan.population, clear)
    values = {row.id: from_content(text).fields for row, text in zip(clear, contents, strict=True)}
    persons = {one.id: one.person for one in members}
    groups = _groups(plan, persons)
    return frozenset(
        field for field in FIELDS_FOR_LIFE if any(_differ(own, field, values) for own in groups)
    )


def _groups(
    plan: Plan, persons: Mapping[IdentityId, PersonId]
) -> list[Mapping[PersonId, Sequence[IdentityId]]]:
    """The persons that would be one, with their records."""
    joined = Grouping()
    for first, second in plan.same:
        joined.join(IdentityId(persons[first]), IdentityId(persons[second]))
    found: dict[IdentityId, dict[PersonId, list[IdentityId]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one, person in persons.items():
        found[joined.root(IdentityId(person))][person].append(one)
    return list(found.values())


def _differ(
    persons: Mapping[PersonId, Sequence[IdentityId]],
    field: str,
    values: Mapping[IdentityId, Mapping[str, str]],
) -> bool:
    """Whether two of the persons have values of the field and none in common."""
    known = [
        {value for one in own if (value := values.get(one, {}).get(field, "").strip().upper())}
        for own in persons.values()
    ]
    given = [found for found in known if found]
    return any(not first & second for first in given for second in given)


def _of_evidence(tx: Transaction, plan: Plan, case_id: CaseId) -> frozenset[str]:
    wanted = set(plan.same)
    return frozenset(
        part.field
        for pair in tx.review.pairs([case_id]).get(case_id, [])
        if pair.match.pair in wanted
        for part in pair.match.contributions
        if part.field in FIELDS_FOR_LIFE and part.level == _DIFFERENT
    )
