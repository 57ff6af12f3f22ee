"""A domain of persons lives as every other: a frozen one is read and issues nothing, a retired one is silent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import make_center
from tests.services.decisions import split
from tests.services.patients import patient, registered
from tests.services.person_domains.persons import (
    ask,
    assignment,
    person_domain,
    pseudonyms,
    record,
    same,
)
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.domain_policy import LifeCycle
from ttp.core.errors import Conflict
from ttp.core.names import IdentityId
from ttp.core.pseudonyms import Issued
from ttp.services.domains.lead_domain import lead_domain
from ttp.services.pseudonyms.end_pseudonyms import anonymize_originals
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.resolve_persons import resolve_persons

ACTIVE, FROZEN, RETIRED = LifeCycle.ACTIVE, LifeCycle.FROZEN, LifeCycle.RETIRED


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = make_center(tmp_path, database_url)
    person_domain(made)
    return made


def strangers(center: Center, count: int) -> list[IdentityId]:
    records = [patient(one, birth_date="1961-02-03") for one in range(count)]
    return [one.identity for one in registered(center, *records)]


def lead(center: Center, to: LifeCycle) -> None:
    with center.work.begin() as tx:
        lead_domain(center, tx, OPERATOR, domain="study", to=to)


def call(center: Center, service: Callable[..., Any], **what: Any) -> Any:
    with center.work.begin() as tx:
        return service(center, tx, OPERATOR, domain_name="study", **what)


ISSUING: dict[str, Callable[[Center, str], object]] = {
    "by name": lambda center, _: ask(center, [record(1)]),
    "by identity": lambda center, one: call(center, issue_pseudonyms, originals=[one]),
}
READING: dict[str, Callable[[Center, str, str], object]] = {
    "looking up by name": lambda center, *_: ask(center, [record(0)], create=False),
    "looking up by identity": lambda center, one, _: call(
        center, issue_pseudonyms, originals=[one], create=False
    ),
    "resolving to records": lambda center, _, token: call(
        center, resolve_persons, pseudonyms=[token], reason="r"
    ),
}


@pytest.mark.parametrize("state", [FROZEN, RETIRED])
@pytest.mark.parametrize("door", ISSUING)
def test_nothing_is_issued_in_a_domain_that_is_not_active(
    center: Center, state: LifeCycle, door: str
) -> None:
    first, second = strangers(center, 2)
    (token,) = pseudonyms(center, [0])
    lead(center, state)
    with pytest.raises(Conflict) as refused:
        ISSUING[door](center, str(second))
    assert refused.value.code == f"domain-{state.value}"
    assert assignment(center, [first, second]) == {first: (token, None)}


@pytest.mark.parametrize("door", READING)
def test_a_frozen_domain_is_read_and_a_retired_one_is_not(center: Center, door: str) -> None:
    first = str(strangers(center, 1)[0])
    (token,) = pseudonyms(center, [0])
    before = READING[door](center, first, token)
    lead(center, FROZEN)
    assert READING[door](center, first, token) == before
    lead(center, RETIRED)
    with pytest.raises(Conflict) as refused:
        READING[door](center, first, token)
    assert refused.value.code == "domain-retired"


def test_links_end_in_a_retired_domain_but_not_in_a_frozen_one(center: Center) -> None:
    original = str(strangers(center, 1)[0])
    pseudonyms(center, [0])
    lead(center, FROZEN)
    with pytest.raises(Conflict):
        call(center, anonymize_originals, originals=[original])
    lead(center, RETIRED)
    assert len(call(center, anonymize_originals, originals=[original])) == 1


def test_a_domain_that_was_frozen_while_persons_changed_tells_who_they_are_now(
    center: Center,
) -> None:
    first, second, third = strangers(center, 3)
    older, younger = pseudonyms(center, [0, 1])
    same(center, second, third)
    lead(center, FROZEN)
    same(center, first, second)
    told = ask(center, [record(one) for one in range(3)], create=False)
    assert told == [Issued(older, created=False)] * 3
    split(center, third)
    *known, unknown = ask(center, [record(one) for one in range(3)], create=False)
    assert known == [Issued(older, created=False)] * 2
    assert not isinstance(unknown, Issued)  # nobody asked for it, and nothing is drawn
    lead(center, ACTIVE)
    fresh = pseudonyms(center, [0, 1, 2])
    assert fresh[:2] == [older, older]
    assert fresh[2] not in {older, younger}
