"""Weigh a decision: how much would change, and whether that is more than one person may decide alone."""

from __future__ import annotations

from ttp.core.center import Center
from ttp.core.decisions import Plan
from ttp.core.impact import Impact
from ttp.core.ports import Transaction
from ttp.services.cases.impact import impact_of

WEIGHED = ("pseudonyms", "releases", "consents")


def impact_of_plan(center: Center, tx: Transaction, plan: Plan) -> Impact:
    """What the plan would change, without changing it."""
    return impact_of(center, tx, population=plan.population, same=plan.same, ended=plan.ended)


def weight_of(impact: Impact) -> int:
    """Pseudonyms, releases and consent policies that would change, together."""
    return sum(impact.counts.get(name, 0) for name in WEIGHED)


def needs_second_vote(center: Center, tx: Transaction, plan: Plan) -> bool:
    """Whether the plan changes more than the center's setting lets one person decide; 0 there is never."""
    most = center.desk.second_vote_above
    return bool(most) and weight_of(impact_of_plan(center, tx, plan)) > most
