"""Name new evidence: which records came or changed since a case that asks again was decided, and in which fields.

Only names of fields are told; the values stand in the case, masked as everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ttp.core.center import Center
from ttp.core.identifying_data import FIELDS, from_content
from ttp.core.identities import StoredVersion
from ttp.core.names import IdentityId, PopulationName
from ttp.core.persons import IdentityKind
from ttp.core.ports import Transaction
from ttp.core.review import Decision, ReviewCase
from ttp.services.persons.seal_identities import open_history


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A record that came or changed ``at`` a time after the decision. ``fields``: which changed; none: it is new."""

    identity: IdentityId
    source: str
    at: datetime
    fields: tuple[str, ...]


def name_new_evidence(
    center: Center,
    tx: Transaction,
    case: ReviewCase,
    rows: Mapping[IdentityId, StoredVersion],
    decided: Sequence[Decision],
) -> list[NewEvidence]:
    """What is new in a case that was opened again, oldest first; nothing in all others, and of encodings."""
    if case.reopened_at is None:
        return []
    before = [one.at for one in decided if one.at <= case.reopened_at]
    if not before:
        return []
    clear = [row for row in rows.values() if row.kind is IdentityKind.CLEAR]
    found = [_news(center, tx, case.population, row, max(before)) for row in clear]
    return sorted((one for one in found if one), key=lambda one: one.at)


def _news(
    center: Center,
    tx: Transaction,
    population: PopulationName,
    row: StoredVersion,
    since: datetime,
) -> NewEvidence | None:
    """What the record says since then and did not say before."""
    history = tx.identities.history(row.id)
    old = [one for one in history if one[1] <= since]
    new = [one for one in history if one[1] > since]
    if not new:
        return None
    if not old:
        return NewEvidence(row.id, row.source, new[0][1], ())
    ends = {number: envelope for number, _, envelope in (old[-1], new[-1])}
    opened = open_history(center, population, row.id, ends)
    was, now = (from_content(opened[number]).fields for number in sorted(opened))
    changed = tuple(field for field in FIELDS if was.get(field, "") != now.get(field, ""))
    return NewEvidence(row.id, row.source, new[-1][1], changed) if changed else None
