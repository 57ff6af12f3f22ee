"""The desk under races: of two at once one is told of the other; no error of the database, no budget passed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.services.decisions import ask, carry_out, wish_for
from tests.services.patients import CLERK, only_case, patient, registered
from ttp.core.access import Actor
from ttp.core.case_work import DeskRules, DisclosureSpent
from ttp.core.center import Center
from ttp.core.review import CaseState, ReviewCase, Verdict
from ttp.services.cases.arrange_cases import bring_back, save_view, work_on
from ttp.services.cases.decide_case import decide
from ttp.services.cases.uncover_field import budget_of, uncover_field

FIELDS = ("given_name", "surname", "birth_date", "postcode", "city")


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


@pytest.fixture
def case(center: Center) -> ReviewCase:
    a, b = (one.identity for one in registered(center, patient(0), patient(1)))
    ask(center, (a, b))
    return only_case(center)


def at_once(*steps: Callable[[], object]) -> list[BaseException | None]:
    """What came of the steps, begun together: None, or what they raised."""
    gate = threading.Barrier(len(steps))
    raised: list[BaseException | None] = [None] * len(steps)

    def run(place: int, step: Callable[[], object]) -> None:
        gate.wait()
        try:
            step()
        except Exception as error:
            raised[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_two_who_open_a_case_at_once_one_holds_it(center: Center, case: ReviewCase) -> None:
    def step(actor: Actor) -> Callable[[], object]:
        return lambda: center.work.run(lambda tx: work_on(center, tx, actor, case_id=case.id))

    told = at_once(*(step(replace(CLERK, name=f"clerk-{number}")) for number in range(8)))
    assert sorted(type(one).__name__ for one in told) == ["CaseInWork"] * 7 + ["NoneType"]


def test_of_those_who_take_a_case_over_at_once_the_last_holds_it(
    center: Center, case: ReviewCase
) -> None:
    def step(name: str) -> Callable[[], object]:
        actor = replace(CLERK, name=name)
        return lambda: center.work.run(
            lambda tx: work_on(center, tx, actor, case_id=case.id, take_over=True)
        )

    for _ in range(3):
        assert at_once(*(step(f"clerk-{number}") for number in range(8))) == [None] * 8


def test_a_view_that_is_kept_twice_at_once_is_kept(center: Center) -> None:
    def keep() -> object:
        return center.work.run(lambda tx: save_view(tx, CLERK, name="mine", query="state=open"))

    assert at_once(*[keep] * 8) == [None] * 8


def test_no_two_requests_at_once_pass_the_budget(center: Center, case: ReviewCase) -> None:
    strict = replace(center, desk=DeskRules(daily_characters=12))
    with center.work.begin(write=False) as tx:
        pair = tx.review.pairs([case.id])[case.id][0].match.pair

    def step(field: str) -> Callable[[], object]:
        return lambda: strict.work.run(
            lambda tx: uncover_field(strict, tx, CLERK, case_id=case.id, pair=pair, field=field)
        )

    for _ in range(2):
        told = at_once(*(step(field) for field in FIELDS))
        assert all(one is None or isinstance(one, DisclosureSpent) for one in told)
    with center.work.begin(write=False) as tx:
        assert 0 < budget_of(strict, tx, CLERK).used <= 12


def test_what_is_decided_while_it_comes_back_stays_decided(
    center: Center, case: ReviewCase
) -> None:
    until = center.clock.now()
    carry_out(center, wish_for(case, Verdict.LATER, until=until))
    worker = threading.Thread(target=bring_back, args=[center])
    with center.work.begin() as tx:
        decide(center, tx, CLERK, wish_for(tx.review.get(case.id), Verdict.DIFFERENT))
        worker.start()
        worker.join(timeout=0.5)  # it waits for this transaction, at one place or another
    worker.join()
    with center.work.begin(write=False) as tx:
        assert tx.review.get(case.id).state is CaseState.DECIDED
