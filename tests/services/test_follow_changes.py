"""Updates: a record that says something else now is matched anew, completely; decisions of people stand."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.builders import make_center
from tests.scale import scaled
from tests.services.patients import (
    CLERK,
    case_of,
    only_case,
    open_cases_of,
    patient,
    persons,
    recomputed,
    registered,
)
from ttp.core.center import Center
from ttp.core.identities import Outcome, Registered
from ttp.core.matching import present_model
from ttp.core.names import CaseId, DecisionId
from ttp.core.persons import LOCAL, EdgeKind
from ttp.core.review import CaseState, Verdict
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.matching.weigh_again import Scale, versions_of
from ttp.services.persons.match_records import index_of
from ttp.services.persons.settle_persons import open_questions

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
HANNA = ANNA | {"record_id": "2", "given_name": "Hanna"}
AGAIN = ANNA | {"record_id": "again"}
OTHER = patient(5)


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def one(center: Center, record: dict[str, Any]) -> Registered:
    (done,) = registered(center, record)
    return done


def decide(center: Center, case_id: CaseId, verdict: Verdict) -> DecisionId:
    version = case_of(center, case_id).version
    return center.work.run(
        lambda tx: decide_case(
            center,
            tx,
            CLERK,
            case_id=case_id,
            verdict=verdict,
            reason="Akte",
            version=version,
            confirm=["birth_date", "kvnr"],
        )
    )


def as_other(record_id: str) -> dict[str, Any]:
    return OTHER | {"record_id": record_id}


def test_an_automatic_link_ends_when_the_new_data_do_not_support_it(center: Center) -> None:
    first, second = registered(center, ANNA, AGAIN)
    assert second.outcome is Outcome.LINKED
    changed = one(center, as_other("again"))
    assert changed.outcome is Outcome.CHANGED
    assert changed.person == second.identity
    assert persons(center, [first.identity]) == [first.identity]
    with center.work.begin(write=False) as tx:
        (edge,) = tx.edges.history([first.identity])
    assert edge.ended_at is not None


def test_a_link_that_the_new_data_support_stands(center: Center) -> None:
    first, second = registered(center, ANNA, AGAIN)
    changed = one(center, AGAIN | {"sex": None, "city": "Halle"})
    assert persons(center, [second.identity]) == [first.person]
    assert changed.person == first.person
    with center.work.begin(write=False) as tx:
        (edge,) = tx.edges.history([first.identity])
    assert edge.ended_at is None


def test_a_changed_record_leaves_one_person_and_joins_another(center: Center) -> None:
    first, again, other = registered(center, ANNA, AGAIN, OTHER)
    moved = one(center, as_other("again"))
    assert moved.outcome is Outcome.LINKED
    assert persons(center, [again.identity, other.identity]) == [again.identity] * 2
    assert persons(center, [first.identity]) == [first.identity]


def test_those_who_are_left_when_a_record_changes_stay_one_person(center: Center) -> None:
    first, bridge = registered(center, ANNA, AGAIN)
    third = one(center, ANNA | {"record_id": "third"})
    assert persons(center, [third.identity]) == [first.person]
    one(center, as_other("again"))
    assert persons(center, [first.identity, third.identity]) == [first.person] * 2
    assert persons(center, [bridge.identity]) != [first.person]


def test_a_question_that_is_none_any_more_is_withdrawn_and_comes_back(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    one(center, as_other("2"))
    assert open_cases_of(center) == []
    settled = case_of(center, case.id)
    assert (settled.state, settled.version > case.version) == (CaseState.DECIDED, True)
    one(center, HANNA)
    assert only_case(center).id == case.id


def test_a_question_that_remains_has_the_new_evidence(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    (before,) = questions(center, case.id)
    one(center, HANNA | {"postcode": "99999", "city": "Anderswo"})
    (after,) = questions(center, only_case(center).id)
    assert after.match.score < before.match.score
    assert only_case(center).version > case.version


def test_a_decision_that_new_data_contradict_is_asked_again_and_stands_until_then(
    center: Center,
) -> None:
    first, second = registered(center, ANNA, HANNA)
    case = only_case(center)
    decide(center, case.id, Verdict.SAME)
    one(center, as_other("2"))
    reopened = only_case(center)
    (question,) = questions(center, reopened.id)
    assert reopened.id == case.id
    assert question.match.conflict
    assert question.match.facts["contradiction"] == "decided-same"
    assert question.match.facts["evidence"] == "changed-data"
    assert persons(center, [second.identity]) == [first.person]
    decide(center, case.id, Verdict.SAME)
    assert open_cases_of(center) == []
    one(center, as_other("2") | {"city": "Zwickau"})
    assert open_cases_of(center) == [], "what was decided in the face of it is not asked twice"


def test_a_doubted_decision_can_be_undone_and_decided_otherwise(center: Center) -> None:
    first, second = registered(center, ANNA, HANNA)
    case = only_case(center)
    made = decide(center, case.id, Verdict.SAME)
    one(center, as_other("2"))
    center.work.run(
        lambda tx: undo_decision(center, tx, CLERK, decision_id=made, reason="neue Daten")
    )
    decide(center, case.id, Verdict.DIFFERENT)
    assert persons(center, [first.identity, second.identity]) == [first.identity, second.identity]
    assert open_cases_of(center) == []


def test_records_kept_apart_that_become_alike_are_a_conflict(center: Center) -> None:
    first, second = registered(center, ANNA, HANNA)
    case = only_case(center)
    decide(center, case.id, Verdict.DIFFERENT)
    one(center, ANNA | {"record_id": "2"})
    assert only_case(center).id == case.id
    (question,) = questions(center, case.id)
    assert question.match.facts["contradiction"] == "kept-apart"
    assert persons(center, [first.identity, second.identity]) == [first.identity, second.identity]
    one(center, HANNA)
    assert open_cases_of(center) == []


def test_new_data_that_contradict_nothing_reopen_nothing(center: Center) -> None:
    registered(center, ANNA, HANNA)
    decide(center, only_case(center).id, Verdict.DIFFERENT)
    one(center, HANNA | {"city": "Chemnitz"})
    assert open_cases_of(center) == []


def questions(center: Center, case_id: CaseId) -> Any:
    with center.work.begin(write=False) as tx:
        pairs = tx.review.pairs([case_id])[case_id]
        asked = open_questions(tx, pairs)
    return [pair for pair in pairs if pair.match.pair in asked]


CONTENTS = [
    ANNA,
    HANNA,
    ANNA | {"surname": "Lehman"},
    ANNA | {"birth_date": "1984-03-08"},
    OTHER,
    OTHER | {"city": "Anderswo", "postcode": "01067"},
]
VERDICTS = [Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER]
steps = st.lists(st.tuples(st.integers(0, 4), st.integers(0, len(CONTENTS) - 1)), max_size=8)


@settings(max_examples=scaled(12, least=3), deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    batches=st.lists(steps, max_size=4), verdicts=st.lists(st.sampled_from(VERDICTS), max_size=4)
)
def test_after_any_updates_persons_are_those_of_the_present_data(
    batches: list[list[tuple[int, int]]], verdicts: list[Verdict], tmp_path_factory: Any
) -> None:
    center = make_center(tmp_path_factory.mktemp("updates"))
    for batch in batches:
        newest = dict(batch)
        records = [CONTENTS[what] | {"record_id": str(who)} for who, what in newest.items()]
        registered(center, *records)
        if verdicts and (cases := open_cases_of(center)):
            decide(center, cases[0].id, verdicts.pop())
    view, anew = recomputed(center)
    assert view == anew
    if batches and any(batches):
        _require_present(center)


def _require_present(center: Center) -> None:
    """No automatic link and no question is one that the model rules out of the present data.

    Weights move a little with the frequencies of values, so that a total is compared with some tolerance.
    """
    least = present_model().parameters.possible_at - 3
    with center.work.begin() as tx:
        population = tx.identities.lock(LOCAL)
        index = index_of(center, tx, population)
        ids = [row.id for row in tx.identities.all_versions(LOCAL)]
        scale = Scale(index, versions_of(center, tx, LOCAL, ids), {})
        for edge in tx.edges.standing(ids, EdgeKind.SAME):
            verdict = scale.now(edge.pair)
            assert verdict is not None
            assert edge.decision is not None or verdict.total >= least
        for case, pairs in tx.review.about(ids).items():
            asked = open_questions(tx, pairs)
            assert bool(asked) is (
                tx.review.get(case).state in {CaseState.OPEN, CaseState.POSTPONED}
            )
            for pair in pairs:
                verdict = scale.now(pair.match.pair)
                assert verdict is not None
                if pair.match.pair in asked and not pair.match.conflict:
                    assert verdict.total >= least
