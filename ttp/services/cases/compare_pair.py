"""Compare a pair: two records masked side by side, field by field; whether the model's weights are told is asked."""

from __future__ import annotations

from dataclasses import dataclass

from ttp.core.center import Center
from ttp.core.identifying_data import FIELDS, IdentifyingData, checked_record, from_content
from ttp.core.masking import mask
from ttp.core.matching import Bearers, comparable, shipped_model
from ttp.core.persons import Contribution, IdentityKind, Pair
from ttp.core.ports import Transaction
from ttp.core.vignettes import Vignette
from ttp.services.persons.register_identities import latest_day
from ttp.services.persons.seal_identities import open_contents

_MISSING, _EQUAL, _DIFFERENT = "missing", "equal", "different"


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field of both records, masked, and how well it agrees."""

    field: str
    first: str
    second: str
    level: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records side by side. ``score`` in bits, with its summands and the model's thresholds."""

    fields: tuple[ComparedField, ...]
    score: float
    contributions: tuple[Contribution, ...]
    possible_at: float
    match_at: float


def compare_vignette(center: Center, one: Vignette) -> Comparison:
    """A made-up pair as the shipped model sees it."""
    today = latest_day(center)
    first, second = (
        checked_record(dict(record), today=today) for record in (one.first, one.second)
    )
    return compare(first, second)


def compare_stored(center: Center, tx: Transaction, pair: Pair) -> Comparison | None:
    """Two stored records; None if one of them is gone or the center holds no clear text of it."""
    rows = tx.identities.versions(list(pair))
    if set(rows) != set(pair) or any(row.kind is not IdentityKind.CLEAR for row in rows.values()):
        return None
    stored = [rows[one] for one in pair]
    population = tx.identities.members([stored[0].person])[0].population
    first, second = (from_content(text) for text in open_contents(center, population, stored))
    return compare(first, second)


def compare(first: IdentifyingData, second: IdentifyingData) -> Comparison:
    """Two records as the shipped model sees them, whoever else is registered; what agrees is masked."""
    model = shipped_model()
    verdict = model.explain(comparable(first), comparable(second), Bearers())
    levels = {one.field: one.level for one in verdict.contributions}
    fields = tuple(
        ComparedField(field, *mask(*values), levels.get(field) or _plain(*values))
        for field in FIELDS
        if any(values := (first.fields.get(field, ""), second.fields.get(field, "")))
    )
    parameters = model.parameters
    return Comparison(
        fields, verdict.total, verdict.contributions, parameters.possible_at, parameters.match_at
    )


def _plain(first: str, second: str) -> str:
    if not first or not second:
        return _MISSING
    return _EQUAL if first.casefold() == second.casefold() else _DIFFERENT
