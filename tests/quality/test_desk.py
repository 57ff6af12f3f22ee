"""Blind checks: who meets which, what their answers come to, and that nothing else changes by them."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.builders import make_center
from tests.pages.people import NORTH, make_cases
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.desk import CaseFilter
from ttp.core.errors import InvalidField, NotAllowed
from ttp.core.names import DecisionId, IdentityId, LeafId
from ttp.core.persons import LOCAL
from ttp.core.quality_desk import Check, CheckClosed, CheckFilter, CheckKind, CheckState
from ttp.core.review import Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.quality.answer_check import answer_check, keep_decision_time, next_check
from ttp.services.quality.draw_checks import draw_samples, draw_second_opinions, plant_gold
from ttp.services.quality.show_quality import QualityView, show_quality

FAR = {
    "record_id": "f-1",
    "given_name": "Leah",
    "surname": "Petersen",
    "birth_date": "1950-01-02",
    "postcode": "80331",
    "city": "München",
}


def _clerk(name: str) -> Actor:
    return Actor(ActorKind.STAFF, name, Role.CLERK, UUID(int=len(name)), None)


ANNA, BEN, CARLA = _clerk("anna"), _clerk("ben"), _clerk("carla")
STEWARD = Actor(ActorKind.STAFF, "steward", Role.STEWARD, UUID(int=9), None)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    made = make_center(tmp_path, database_url, role="local")
    return replace(made, second_review_percent=100)


def _decide(center: Center, actor: Actor, verdict: Verdict) -> DecisionId:
    line = center.work.run(lambda tx: tx.desk.cases(CaseFilter(), limit=1)[0], write=False)
    return center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            actor,
            case_id=line.case.id,
            verdict=verdict,
            reason="typing-error",
            version=line.case.version,
        )
    )


def _next(center: Center, actor: Actor) -> UUID | None:
    found = center.work.run(lambda tx: next_check(center, tx, actor), write=False)
    return found.id if found else None


def _answer(center: Center, actor: Actor, check: UUID, verdict: Verdict) -> CheckState:
    return center.work.run(
        lambda tx: answer_check(center, tx, actor, check_id=check, verdict=verdict, seconds=7.5)
    )


def _get(center: Center, check: UUID) -> Check:
    return center.work.run(lambda tx: tx.quality.get(check), write=False)


def _view(center: Center, actor: Actor) -> QualityView:
    return center.work.run(lambda tx: show_quality(center, tx, actor), write=False)


def _draw(center: Center) -> int:
    return center.work.run(lambda tx: draw_second_opinions(center, tx))


def test_a_decision_is_answered_blindly_by_others_until_it_is_settled(center: Center) -> None:
    make_cases(center)
    _decide(center, ANNA, Verdict.DIFFERENT)
    assert _draw(center) == 1
    assert _draw(center) == 0
    assert _next(center, ANNA) is None
    check = _next(center, BEN)
    assert check is not None
    persons = center.work.run(lambda tx: tx.identities.count(LOCAL), write=False)
    assert _answer(center, BEN, check, Verdict.SAME) is CheckState.DISPUTED
    with pytest.raises(CheckClosed):
        _answer(center, BEN, check, Verdict.SAME)
    with pytest.raises(CheckClosed):
        _answer(center, ANNA, check, Verdict.SAME)
    assert _answer(center, CARLA, check, Verdict.SAME) is CheckState.SETTLED
    assert _get(center, check).outcome is Verdict.SAME
    assert center.work.run(lambda tx: tx.identities.count(LOCAL), write=False) == persons
    contradicted = CheckFilter(contradicted=True)
    [found] = center.work.run(lambda tx: tx.quality.page(contradicted), write=False)
    assert found.id == check


def test_a_share_of_zero_draws_nothing(center: Center) -> None:
    make_cases(center)
    _decide(center, ANNA, Verdict.SAME)
    none = replace(center, second_review_percent=0)
    assert _draw(none) == 1
    assert _next(center, BEN) is None


def test_planted_pairs_meet_everybody_once_and_touch_no_person(center: Center) -> None:
    center.work.run(lambda tx: plant_gold(center, tx, STEWARD, count=3))
    for actor in (ANNA, BEN):
        for _ in range(3):
            check = _next(center, actor)
            assert check is not None
            state = _answer(center, actor, check, _get(center, check).expected)
            assert state is CheckState.OPEN
        assert _next(center, actor) is None
    reviewers = {one.name: one.gold for one in _view(center, STEWARD).reviewers}
    assert {name: gold.agreed for name, gold in reviewers.items()} == {
        "staff:anna": 3,
        "staff:ben": 3,
    }
    assert center.work.run(lambda tx: tx.identities.populations(), write=False) == []
    assert center.work.run(lambda tx: tx.quality.page(CheckFilter()), write=False) == []


def test_a_reviewer_sees_no_figures_of_another(center: Center) -> None:
    center.work.run(lambda tx: plant_gold(center, tx, STEWARD, count=2))
    for actor in (ANNA, BEN):
        while check := _next(center, actor):
            _answer(center, actor, check, Verdict.SAME)
    own = _view(center, ANNA)
    assert [one.name for one in own.reviewers] == ["staff:anna"]
    assert {(one.first, one.second) for one in own.agreements} == {("staff:anna", "")}
    assert len(_view(center, STEWARD).reviewers) == 2


def _registered(center: Center) -> None:
    again = [one | {"record_id": f"{one['record_id']}-again"} for one in NORTH]
    make_cases(center, NORTH, [*again, FAR])


def test_precision_and_recall_are_estimated_from_links_and_rejected_pairs(center: Center) -> None:
    _registered(center)
    assert _estimated(center, count=1) < 1.0
    assert _estimated(center, count=5) == 1.0, "every link was looked at"
    checks = center.work.run(lambda tx: tx.quality.page(CheckFilter()), write=False)
    assert [one.kind for one in checks].count(CheckKind.LINK) == 2
    assert {one.kind for one in checks} <= {CheckKind.LINK, CheckKind.REJECTED}
    assert center.work.run(lambda tx: draw_samples(center, tx, STEWARD, count=5)) == 0


def _estimated(center: Center, *, count: int) -> float:
    """Draw, answer as the model did, and give the lower bound of the precision."""
    center.work.run(lambda tx: draw_samples(center, tx, STEWARD, count=count))
    while check := _next(center, BEN):
        _answer(center, BEN, check, _get(center, check).expected)
    found = _view(center, STEWARD).estimate
    assert found is not None
    assert found.precision.value == 1.0
    return found.precision.low


@pytest.mark.parametrize("count", [0, -1, 201])
def test_as_many_as_nobody_would_check_are_not_drawn(center: Center, count: int) -> None:
    with pytest.raises(InvalidField):
        center.work.run(lambda tx: plant_gold(center, tx, STEWARD, count=count))


def test_clerks_plant_nothing(center: Center) -> None:
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: plant_gold(center, tx, ANNA, count=1))
    with pytest.raises(NotAllowed):
        center.work.run(lambda tx: draw_samples(center, tx, ANNA, count=1))


def test_the_median_is_that_of_kept_durations(center: Center) -> None:
    make_cases(center)
    for seconds in (4.0, 60.0):
        decision = _decide(center, ANNA, Verdict.DIFFERENT)
        _keep(center, ANNA, decision, seconds)
    [anna] = _view(center, ANNA).reviewers
    assert (anna.timed, anna.median_seconds) == (2, 32.0)


def _keep(center: Center, actor: Actor, decision: DecisionId, seconds: float | None) -> None:
    center.work.run(lambda tx: keep_decision_time(tx, actor, decision=decision, seconds=seconds))


def test_arrivals_and_decisions_are_counted_by_day(center: Center) -> None:
    make_cases(center)
    _decide(center, ANNA, Verdict.DIFFERENT)
    [today] = _view(center, OPERATOR).flow
    assert (today.came, today.decided) == (2, 1)


def test_a_pair_whose_record_is_gone_is_passed_over(center: Center) -> None:
    make_cases(center)
    _decide(center, ANNA, Verdict.DIFFERENT)
    _draw(center)
    check = _next(center, BEN)
    assert check is not None
    gone = (IdentityId(UUID(int=1)), IdentityId(UUID(int=2)))
    lost = replace(_get(center, check), id=UUID(int=5), pair=gone)
    center.work.run(lambda tx: tx.quality.add([lost], leaf=LeafId(UUID(int=3))))
    _answer(center, BEN, check, Verdict.DIFFERENT)
    assert _next(center, BEN) is None
