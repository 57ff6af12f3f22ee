"""Resolving: exact, only under a grant that stands and has budget, never without a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ManualClock
from tests.services.pseudonyms.asking import Asking
from ttp.core.access import Role
from ttp.core.domains import Domain
from ttp.core.errors import (
    AtomicBatchRefused,
    BudgetExceeded,
    InvalidField,
    InvalidPseudonym,
    NoGrant,
    NotAllowed,
    ReasonMissing,
    UnknownPseudonym,
)
from ttp.services.access.admit_client import STANDING_BUDGET, STANDING_DAYS, STANDING_PURPOSE

originals = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def domain(ask: Asking) -> Domain:
    return ask.domain()


@given(batch=st.lists(originals, max_size=20))
def test_resolving_gives_back_exactly_what_was_given(
    ask: Asking, domain: Domain, batch: list[str]
) -> None:
    tokens = ask.tokens(domain, batch)
    assert ask.resolve(domain, tokens[::-1]) == [(original,) for original in batch[::-1]]


def test_what_cannot_be_resolved_fails_in_its_place(ask: Asking) -> None:
    domain = ask.domain()
    (token,) = ask.tokens(domain, ["x"])
    answers = ask.resolve(domain, [token, "0" * 16, "short", None])
    assert answers[0] == ("x",)
    assert [type(item) for item in answers[1:]] == [
        UnknownPseudonym,
        InvalidPseudonym,
        InvalidPseudonym,
    ]
    with pytest.raises(AtomicBatchRefused):
        ask.resolve(domain, [token, "0" * 16], atomic=True)


def test_a_mistyped_pseudonym_is_told_from_an_unknown_one(ask: Asking) -> None:
    domain = ask.domain(check=True)
    (token,) = ask.tokens(domain, ["x"])
    wrong = ("0" if token[0] != "0" else "1") + token[1:]
    (answer,) = ask.resolve(domain, [wrong])
    assert isinstance(answer, InvalidPseudonym)


def test_a_pipeline_resolves_under_its_standing_grant(ask: Asking) -> None:
    domain = ask.domain()
    client = ask.as_client(domain)
    tokens = client.tokens(domain, ["x"])
    assert client.resolve(domain, tokens, reason=None) == [("x",)]
    act = ask.acts(domain)[-1]
    assert act["purpose"] == STANDING_PURPOSE
    assert act["approval"] is not None


def test_without_a_grant_nothing_is_resolved(ask: Asking) -> None:
    domain = ask.domain()
    client = ask.as_client(domain, resolve=False)
    tokens = client.tokens(domain, ["x"])
    with pytest.raises(NoGrant):
        client.resolve(domain, tokens)


def test_a_grant_is_for_its_own_domain_only(ask: Asking) -> None:
    own, other = ask.domain(), ask.domain()
    client = ask.as_client(own)
    with pytest.raises(NotAllowed):
        client.resolve(other, ["0" * 16])


def test_other_roles_do_not_resolve(ask: Asking) -> None:
    domain = ask.domain()
    for role in (Role.SITE, Role.AUDITOR, Role.RESEARCHER):
        with pytest.raises(NotAllowed):
            ask.as_client(domain, role=role).resolve(domain, ["0" * 16])


def test_a_budget_is_for_a_day_and_is_not_spent_when_refused(ask: Asking) -> None:
    clock = ManualClock()
    domain = ask.domain()
    client = ask.at(clock).as_client(domain)
    tokens = client.tokens(domain, ["x", "y"])
    wanted = [f"{number:016}" for number in range(STANDING_BUDGET - 1)]
    assert len(client.resolve(domain, wanted)) == STANDING_BUDGET - 1
    with pytest.raises(BudgetExceeded):
        client.resolve(domain, tokens)
    assert client.resolve(domain, tokens[:1]) == [("x",)]
    with pytest.raises(BudgetExceeded):
        client.resolve(domain, tokens[:1])
    clock.skip(days=1)
    assert client.resolve(domain, tokens) == [("x",), ("y",)]


def test_a_grant_ends(ask: Asking) -> None:
    clock = ManualClock()
    domain = ask.domain()
    client = ask.at(clock).as_client(domain)
    tokens = client.tokens(domain, ["x"])
    clock.skip(days=STANDING_DAYS, seconds=1)
    with pytest.raises(NoGrant):
        client.resolve(domain, tokens)


def test_the_operator_gives_a_reason(ask: Asking) -> None:
    domain = ask.domain()
    for missing in (None, "", "   "):
        with pytest.raises(ReasonMissing):
            ask.resolve(domain, [], reason=missing)
    with pytest.raises(InvalidField):
        ask.resolve(domain, [], reason="x" * 501)
