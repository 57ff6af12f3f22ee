"""Consent: no statement is no permission, the newest one counts, and periods are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttp.core.consent import ConsentStatement, Provision, permits
from ttp.core.errors import InvalidField
from ttp.core.names import IdentityId

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
IDENTITY = IdentityId(UUID(int=1))


def said(
    provision: Provision,
    *,
    policy: str = "use",
    ago: int = 1,
    since: int = 10,
    until: int | None = None,
) -> ConsentStatement:
    """A statement made ``ago`` days ago, valid since ``since`` days ago until in ``until`` days."""
    end = None if until is None else NOW + until * DAY
    return ConsentStatement(IDENTITY, policy, provision, NOW - since * DAY, end, NOW - ago * DAY)


PERMIT, DENY = Provision.PERMIT, Provision.DENY

SCENARIOS = {
    "nothing was said": ([], ["use"], False),
    "no policy is needed": ([], [], True),
    "permitted": ([said(PERMIT)], ["use"], True),
    "denied": ([said(DENY)], ["use"], False),
    "permitted, then withdrawn": ([said(PERMIT, ago=5), said(DENY, ago=1)], ["use"], False),
    "withdrawn, then permitted again": ([said(DENY, ago=5), said(PERMIT, ago=1)], ["use"], True),
    "the permission has run out": ([said(PERMIT, until=-1)], ["use"], False),
    "the permission begins tomorrow": ([said(PERMIT, since=-1)], ["use"], False),
    "another policy is permitted": ([said(PERMIT, policy="store")], ["use"], False),
    "one of two policies is permitted": ([said(PERMIT)], ["use", "store"], False),
    "both policies are permitted": (
        [said(PERMIT), said(PERMIT, policy="store")],
        ["use", "store"],
        True,
    ),
    "a denial that has run out does not count": (
        [said(PERMIT, ago=9), said(DENY, until=-1)],
        ["use"],
        True,
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    statements, policies, outcome = SCENARIOS[name]
    assert permits(statements, policies, NOW) is outcome


@given(st.permutations([said(PERMIT, ago=9), said(DENY, ago=5), said(PERMIT, ago=2)]))
def test_the_order_of_arrival_does_not_matter(statements: list[ConsentStatement]) -> None:
    assert permits(statements, ["use"], NOW)


@pytest.mark.parametrize("policy", ["", "x" * 129, "a\nb"])
def test_a_malformed_policy_code_is_refused(policy: str) -> None:
    with pytest.raises(InvalidField, match="policy code"):
        said(PERMIT, policy=policy)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidField, match="period"):
        said(PERMIT, since=1, until=-3)
