"""Review: decisions are facts; persons follow them; nothing that was decided is asked again."""

from pathlib import Path

import pytest

from tests.builders import make_center
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
from ttp.core.access import OPERATOR, Actor, ActorKind, Role
from ttp.core.center import Center
from ttp.core.decisions import FIELDS_FOR_LIFE
from ttp.core.errors import NotAllowed, ReasonMissing
from ttp.core.names import CaseId, DecisionId, IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge, pair_of
from ttp.core.review import (
    AlreadyUndone,
    CaseChanged,
    CaseSettled,
    CaseState,
    KeptApart,
    PossibleMatch,
    ReviewCase,
    UndoBlocked,
    UnknownCase,
    UnknownDecision,
    Verdict,
)
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.show_case import reveal_case, show_case
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.persons.link_identities import link_identities

ANNA = patient(1, given_name="Anna", surname="Lehmann", birth_date="1984-03-07", city="Leipzig")
HANNA = ANNA | {"record_id": "2", "given_name": "Hanna"}
SAME, DIFFERENT, LATER = Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def decide(
    center: Center,
    case: ReviewCase,
    verdict: Verdict,
    *pairs: tuple[IdentityId, IdentityId],
    actor: Actor = CLERK,
) -> DecisionId:
    return center.work.run(
        lambda tx: decide_case(
            center, tx, actor, case_id=case.id, verdict=verdict, reason="Akte geprüft",
            version=case.version, pairs=pairs or None, confirm=FIELDS_FOR_LIFE,
        )
    )  # fmt: skip


def undo(center: Center, decision: DecisionId, *also: DecisionId) -> list[DecisionId]:
    return center.work.run(
        lambda tx: undo_decision(
            center, tx, CLERK, decision_id=decision, reason="Irrtum", also=also
        )
    )


def strangers(center: Center, count: int) -> list[IdentityId]:
    return [one.identity for one in registered(center, *map(patient, range(count)))]


def ask(center: Center, *pairs: tuple[IdentityId, IdentityId]) -> list[CaseId]:
    possible = [PossibleMatch(first, second, 10.0) for first, second in pairs]
    return center.work.run(
        lambda tx: open_cases(center, tx, OPERATOR, population=LOCAL, possible=possible)
    )


def link(center: Center, first: IdentityId, second: IdentityId) -> list[CaseId]:
    edge = NewEdge(first, second, EdgeKind.SAME, "model:test", 30.0)
    return center.work.run(
        lambda tx: link_identities(center, tx, OPERATOR, population=LOCAL, edges=[edge])
    )


def test_same_joins_and_undo_parts_again(center: Center) -> None:
    anna, hanna = registered(center, ANNA, HANNA)
    case = only_case(center)
    decision = decide(center, case, SAME)
    assert persons(center, [anna.identity, hanna.identity]) == [anna.person, anna.person]
    assert case_of(center, case.id).state is CaseState.DECIDED
    assert undo(center, decision) == [decision]
    assert persons(center, [anna.identity, hanna.identity]) == [anna.person, hanna.person]
    assert only_case(center).id == case.id


def test_what_was_decided_is_never_asked_again(center: Center) -> None:
    registered(center, ANNA, HANNA)
    decide(center, only_case(center), DIFFERENT)
    (third,) = registered(center, ANNA | {"record_id": "3"})
    registered(center, HANNA | {"record_id": "4"})
    registered(center, HANNA | {"postcode": "04103"})
    assert open_cases_of(center) == []
    assert third.outcome.value == "linked"
    assert recomputed(center)[0] == recomputed(center)[1]


def test_later_keeps_the_case_and_joins_nothing(center: Center) -> None:
    anna, hanna = registered(center, ANNA, HANNA)
    decision = decide(center, only_case(center), LATER)
    assert only_case(center).state is CaseState.POSTPONED
    assert persons(center, [anna.identity, hanna.identity]) == [anna.person, hanna.person]
    undo(center, decision)
    assert only_case(center).state is CaseState.OPEN
    decide(center, only_case(center), SAME)
    assert open_cases_of(center) == []


def test_two_who_decide_at_once_cannot_both(center: Center) -> None:
    registered(center, ANNA, HANNA)
    seen = only_case(center)
    decide(center, seen, LATER)
    with pytest.raises(CaseChanged) as raised:
        decide(center, seen, SAME)
    assert raised.value.facts["version"] == only_case(center).version


def test_a_decided_case_has_nothing_left_to_decide(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    decide(center, case, DIFFERENT)
    with pytest.raises(CaseSettled):
        decide(center, case_of(center, case.id), SAME)


def test_questions_that_hang_together_are_one_case(center: Center) -> None:
    a, b, c, d, e = strangers(center, 5)
    ask(center, (a, b), (d, e))
    assert len(open_cases_of(center)) == 2
    (into,) = ask(center, (b, c), (c, d))
    assert only_case(center).id == into
    with center.work.begin() as tx:
        assert len(show_case(center, tx, CLERK, case_id=into).pairs) == 4


def test_an_absorbed_case_names_its_successor(center: Center) -> None:
    a, b, c, d = strangers(center, 4)
    older, newer = (ask(center, pair)[0] for pair in ((a, b), (c, d)))
    ask(center, (b, c))
    kept, gone = sorted([older, newer])
    assert case_of(center, gone).state is CaseState.ABSORBED
    assert case_of(center, gone).successor == kept


def test_one_pair_of_a_group_can_be_decided_alone(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b), (b, c))
    decide(center, only_case(center), SAME, (b, a))
    assert only_case(center).state is CaseState.OPEN
    decide(center, only_case(center), DIFFERENT)
    assert len(set(persons(center, [a, b]))) == 1
    assert len(set(persons(center, [a, c]))) == 2


def test_an_answer_that_follows_closes_the_question(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b), (b, c), (a, c))
    case = only_case(center)
    first = decide(center, case, SAME, (a, b))
    decide(center, case_of(center, case.id), DIFFERENT, (b, c))
    assert open_cases_of(center) == []
    undo(center, first, *_standing_after(center, first, a))
    assert only_case(center).id == case.id


def _standing_after(center: Center, first: DecisionId, identity: IdentityId) -> list[DecisionId]:
    with center.work.begin(write=False) as tx:
        members = tx.identities.members(persons(center, [identity]))
        found = tx.review.standing_decisions([one.id for one in members])
    return [one.id for one in found if one.id != first]


def test_an_undo_on_which_others_rest_names_them(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b))
    first = decide(center, only_case(center), SAME)
    ask(center, (b, c))
    second = decide(center, only_case(center), SAME)
    with pytest.raises(UndoBlocked) as raised:
        undo(center, first)
    assert raised.value.facts["decisions"] == [str(second)]
    assert len(set(persons(center, [a, b, c]))) == 1
    assert undo(center, first, second) == [second, first]
    assert len(set(persons(center, [a, b, c]))) == 3


def test_the_newest_decision_is_undone_alone(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b))
    decide(center, only_case(center), SAME)
    ask(center, (b, c))
    undo(center, decide(center, only_case(center), SAME))
    assert len(set(persons(center, [a, b]))) == 1
    assert len(set(persons(center, [a, c]))) == 2


def test_nothing_is_undone_twice(center: Center) -> None:
    registered(center, ANNA, HANNA)
    decision = decide(center, only_case(center), SAME)
    undo(center, decision)
    with pytest.raises(AlreadyUndone):
        undo(center, decision)


def test_a_model_cannot_join_what_is_kept_apart_it_asks(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b))
    decide(center, only_case(center), DIFFERENT)
    assert link(center, a, c) == []
    (case,) = link(center, b, c)
    assert len(set(persons(center, [a, b, c]))) == 2
    with center.work.begin(write=False) as tx:
        (pair,) = tx.review.pairs([case])[case]
    assert pair.match.conflict
    assert pair.match.pair == pair_of(b, c)


def test_a_decision_cannot_contradict_another_one(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b))
    apart = decide(center, only_case(center), DIFFERENT)
    link(center, a, c)
    link(center, b, c)
    with pytest.raises(KeptApart) as raised:
        decide(center, only_case(center), SAME)
    assert raised.value.facts["decisions"] == [str(apart)]
    undo(center, apart)
    decide(center, open_cases_of(center)[0], SAME)
    assert open_cases_of(center) == []
    assert len(set(persons(center, [a, b, c]))) == 1


def test_a_model_never_removes_what_a_person_joined(center: Center) -> None:
    anna, hanna = registered(center, ANNA, HANNA)
    decide(center, only_case(center), SAME)
    registered(center, HANNA | {"given_name": "Ottokar", "sex": "m", "birth_date": "1950-01-01"})
    assert len(set(persons(center, [anna.identity, hanna.identity]))) == 1


def test_a_case_shows_why_and_only_what_differs(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    with center.work.begin() as tx:
        view = show_case(center, tx, CLERK, case_id=case.id)
    (pair,) = view.pairs
    shown = {one.field: (one.first, one.second) for one in pair.fields}
    assert sorted(map(len, shown["given_name"])) == [4, 5]
    assert "".join(shown["given_name"]).replace("•", "") == "H"
    assert set("".join(shown["surname"])) == {"•"}
    assert sum(one.weight for one in pair.contributions) == pytest.approx(pair.score, abs=0.01)
    assert view.possible_at <= pair.score < view.match_at or pair.facts
    assert (pair.first.record_id, pair.second.record_id) == (None, None)
    assert view.possible_at < view.match_at


def test_clear_text_needs_a_reason_and_leaves_a_leaf(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    with pytest.raises(ReasonMissing), center.work.begin() as tx:
        reveal_case(center, tx, CLERK, case_id=case.id, reason=" ")
    with center.work.begin() as tx:
        view = reveal_case(center, tx, CLERK, case_id=case.id, reason="Namen unklar")
    assert {view.pairs[0].fields[0].first, view.pairs[0].fields[0].second} == {"Anna", "Hanna"}
    with center.work.begin(write=False) as tx:
        bodies = [leaf.body for leaf in tx.audit.unsequenced(100)]
    assert any(b'"case.revealed"' in body and b"Namen unklar" in body for body in bodies)


def test_the_history_tells_reasons_also_of_what_was_undone(center: Center) -> None:
    registered(center, ANNA, HANNA)
    case = only_case(center)
    undo(center, decide(center, case, SAME))
    decide(center, only_case(center), DIFFERENT)
    with center.work.begin() as tx:
        history = show_case(center, tx, CLERK, case_id=case.id).history
    assert [(one.decision.verdict, one.reason, one.undo_reason) for one in history] == [
        (SAME, "Akte geprüft", "Irrtum"),
        (DIFFERENT, "Akte geprüft", None),
    ]


def test_reviewing_is_for_reviewers(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    registered(center, ANNA, HANNA)
    pipeline = Actor(ActorKind.CLIENT, "pipeline", Role.PIPELINE)
    with pytest.raises(NotAllowed):
        decide(center, only_case(center), SAME, actor=pipeline)


def test_what_does_not_exist_has_a_name(tmp_path: Path) -> None:
    center = make_center(tmp_path)
    with center.work.begin() as tx:
        with pytest.raises(UnknownCase):
            show_case(center, tx, CLERK, case_id=CaseId(center.new_id()))
        with pytest.raises(UnknownDecision):
            undo_decision(
                center, tx, CLERK, decision_id=DecisionId(center.new_id()), reason="Irrtum"
            )
