"""A mistyped pseudonym is told from a wrong one; what is over ends, in batches, for all to know."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ManualClock
from tests.services.pseudonyms.asking import Asking
from tests.services.pseudonyms.living import judge
from ttp.core.access import OPERATOR, Role
from ttp.core.domain_policy import DomainRetired, LifeCycle
from ttp.core.domains import Domain
from ttp.core.errors import NotAllowed
from ttp.core.pseudonym_life import Flaw
from ttp.core.pseudonyms import PseudonymState
from ttp.core.validity import Validity
from ttp.services.domains.lead_domain import lead_domain
from ttp.services.pseudonyms.expire_pseudonyms import expire_pseudonyms
from ttp.services.pseudonyms.list_pseudonyms import list_pseudonyms

WRONG = {
    "not text": (7, Flaw.NO_TEXT),
    "empty": ("", Flaw.PREFIX),
    "without its prefix": ("X-0123456", Flaw.PREFIX),
    "too short": ("P-01234", Flaw.LENGTH),
    "too long": ("P-01234567", Flaw.LENGTH),
    "of other characters": ("P-O12345X", Flaw.CHARACTERS),
}


@pytest.fixture(scope="module")
def checked(ask: Asking) -> Domain:
    return ask.domain(alphabet="digits", length=6, prefix="P-", check="damm")


@pytest.mark.parametrize(("text", "flaw"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(ask: Asking, checked: Domain, text: object, flaw: Flaw) -> None:
    (judged,) = judge(ask, checked, [text])
    assert judged.flaw is flaw


@given(digit=st.integers(0, 9), at=st.integers(2, 7))
def test_one_wrong_digit_is_found_by_the_check_digit(
    ask: Asking, checked: Domain, digit: int, at: int
) -> None:
    (token,) = ask.tokens(checked, ["x"])
    typed = f"{token[:at]}{digit}{token[at + 1 :]}"
    (judged,) = judge(ask, checked, [typed])
    assert judged.flaw is (None if typed == token else Flaw.CHECK_DIGITS)


def test_what_became_of_a_pseudonym_is_told_only_if_asked(ask: Asking) -> None:
    domain = ask.domain(deletable=True)
    (active, anonymized, deleted) = ask.tokens(domain, ["a", "b", "c"])
    ask.anonymize(domain, ["b"])
    ask.delete(domain, ["c"])
    asked = [active, anonymized, deleted, "A" * 16, "?"]
    told = judge(ask, domain, asked, exists=True)
    assert [one.standing.state if one.standing else None for one in told] == [
        PseudonymState.ACTIVE,
        PseudonymState.ANONYMIZED,
        PseudonymState.DELETED,
        None,
        None,
    ]
    acts = len(ask.acts(domain))
    assert all(one.standing is None for one in judge(ask, domain, asked))
    assert len(ask.acts(domain)) == acts  # the form is no secret


def test_judging_needs_the_right_to_look_up(ask: Asking, checked: Domain) -> None:
    with pytest.raises(NotAllowed):
        judge(ask.as_client(ask.domain()), checked, ["x"])
    assert judge(ask.as_client(checked, role=Role.SITE, resolve=False), checked, ["x"])


@pytest.mark.parametrize("multi", [False, True])
def test_what_is_over_ends_with_a_leaf_and_is_never_drawn_again(ask: Asking, multi: bool) -> None:
    clock = ManualClock(datetime.now(UTC) + timedelta(days=1))
    early = ask.at(clock)
    domain = ask.domain(multi=multi, validity=Validity("P1D"))
    tokens = list(early.secondaries(domain, "x", 2)) if multi else early.tokens(domain, ["x", "y"])
    assert expire_pseudonyms(early.center) == 0
    clock.skip(days=1, seconds=1)
    before = judge(early, domain, tokens, exists=True)
    assert {one.standing.state for one in before if one.standing} == {PseudonymState.EXPIRED}
    assert expire_pseudonyms(early.center) == 2
    assert expire_pseudonyms(early.center) == 0
    told = judge(early, domain, tokens, exists=True)
    states = [one.standing.state for one in told if one.standing]
    assert states == [PseudonymState.EXPIRED] * 2
    assert {one.code for one in early.resolve(domain, tokens)} <= {
        "pseudonym-expired",
        "unknown-pseudonym",
    }
    expired = [act for act in early.acts(domain) if act["action"] == "pseudonyms.expired"]
    assert [act["counts"] for act in expired] == [{"ended": 2}]
    fresh = early.secondaries(domain, "x", 1) if multi else early.tokens(domain, ["x"])
    assert not set(fresh) & set(tokens)


def test_nobody_is_told_what_a_retired_domain_holds(ask: Asking) -> None:
    domain = ask.domain()
    tokens = ask.tokens(domain, ["x"])
    lead = LifeCycle.RETIRED
    ask.center.work.run(
        lambda tx: lead_domain(ask.center, tx, OPERATOR, domain=domain.name, to=lead)
    )
    assert judge(ask, domain, tokens)[0].flaw is None
    with pytest.raises(DomainRetired):
        judge(ask, domain, tokens, exists=True)
    with pytest.raises(DomainRetired):
        ask.center.work.run(
            lambda tx: list_pseudonyms(ask.center, tx, OPERATOR, domain_name=domain.name)
        )
