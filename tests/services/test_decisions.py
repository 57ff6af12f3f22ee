"""Decisions beyond a single pair: exclusions, splits, batches, contradictions, second votes, and their undoing."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import make_center
from tests.services.decisions import (
    CONFIRMED,
    ask,
    carry_out,
    link,
    propose,
    split,
    state_of,
    undo,
    wish_for,
)
from tests.services.patients import (
    CLERK,
    case_of,
    only_case,
    open_cases_of,
    patient,
    persons,
    registered,
)
from ttp.connecting import connect
from ttp.core.access import Actor, ActorKind, Role
from ttp.core.approvals import ApprovalState
from ttp.core.case_work import CaseInWork, DeskRules
from ttp.core.center import Center
from ttp.core.consent import ConsentStatement, Provision
from ttp.core.decisions import CaseProposed, ConfirmationNeeded, Settled, Wish
from ttp.core.errors import InvalidField, ReasonMissing, SecondPersonNeeded
from ttp.core.names import IdentityId
from ttp.core.persons import pair_of
from ttp.core.review import CaseChanged, CaseState, KeptApart, UndoBlocked, Verdict
from ttp.services.approvals.decide_approval import decide_approval
from ttp.services.cases.arrange_cases import assign_cases, bring_back, work_on
from ttp.services.cases.decide_cases import decide_cases
from ttp.services.cases.pair_manually import OnePerson, pair_manually
from ttp.services.cases.undo_decision import undo_batch

STEWARD = Actor(ActorKind.STAFF, "stefan", Role.STEWARD, domains=None)
OTHER = Actor(ActorKind.STAFF, "carl", Role.CLERK, domains=None)
SAME, DIFFERENT, LATER = Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER


@pytest.fixture
def center(tmp_path: Path, database_url: str) -> Center:
    return make_center(tmp_path, database_url)


def strangers(center: Center, count: int) -> list[IdentityId]:
    return [one.identity for one in registered(center, *map(patient, range(count)))]


def test_who_is_excluded_is_another_person_than_the_rest_which_is_one(center: Center) -> None:
    a, b, c, d = strangers(center, 4)
    ask(center, (a, b), (b, c), (c, d))
    before = state_of(center, [a, b, c, d])
    made = carry_out(center, wish_for(only_case(center), Verdict.EXCLUDED, member=b))
    one, excluded, other, last = persons(center, [a, b, c, d])
    assert one == other == last != excluded
    assert open_cases_of(center) == []
    with pytest.raises(KeptApart):
        pair(center, a, b)
    undo(center, made)
    assert state_of(center, [a, b, c, d]) == before


def test_nobody_is_excluded_from_a_group_they_are_not_in(center: Center) -> None:
    a, b, c = strangers(center, 3)
    ask(center, (a, b))
    with pytest.raises(InvalidField):
        carry_out(center, wish_for(only_case(center), Verdict.EXCLUDED, member=c))


def test_a_split_parts_what_models_joined_and_lasts(center: Center) -> None:
    a, b, c = strangers(center, 3)
    link(center, a, b)
    link(center, b, c)
    before = state_of(center, [a, b, c])
    made = split(center, b)
    assert persons(center, [a, c]) == [persons(center, [a])[0]] * 2
    assert persons(center, [b]) != persons(center, [a])
    (case,) = link(center, a, b)
    assert case_of(center, case).state is CaseState.OPEN
    undo(center, made)
    assert state_of(center, [a, b, c])[:2] == before[:2]


@pytest.mark.parametrize(
    "leaving", [(), (0, 1), (0, 2)], ids=["nobody", "everybody", "two persons"]
)
def test_a_split_names_some_records_of_one_person(center: Center, leaving: tuple[int, ...]) -> None:
    identities = strangers(center, 3)
    link(center, identities[0], identities[1])
    with pytest.raises(InvalidField):
        split(center, *(identities[one] for one in leaving))


def test_a_join_is_undone_before_or_after_the_split_of_what_it_joined(tmp_path: Path) -> None:
    """Whichever is undone first, both undone leave what was."""
    ends = []
    for order in (0, 1):
        center = make_center(tmp_path / str(order))
        a, b, c = strangers(center, 3)
        link(center, b, c)
        ask(center, (a, b))
        before = state_of(center, [a, b, c])
        joined = carry_out(center, wish_for(only_case(center), SAME))
        parted = split(center, a)
        undone = undo(center, *((joined, parted) if order else (parted, joined))[:1])
        for left in {joined, parted} - set(undone):
            undo(center, left)
        assert state_of(center, [a, b, c])[:2] == before[:2]
        ends.append(len(set(persons(center, [a, b, c]))))
    assert ends == [2, 2]


def test_undoing_a_split_names_what_keeps_its_parts_apart(center: Center) -> None:
    a, b, c = strangers(center, 3)
    link(center, a, b)
    parted = split(center, b)
    ask(center, (a, c), (b, c))
    apart = carry_out(center, wish_for(only_case(center), DIFFERENT, pairs=(pair_of(b, c),)))
    carry_out(center, wish_for(only_case(center), SAME))
    with pytest.raises(UndoBlocked) as raised:
        undo(center, parted)
    named = raised.value.facts["decisions"]
    assert isinstance(named, list)
    assert str(apart) in named


def test_persons_with_other_birth_dates_are_joined_only_knowingly(center: Center) -> None:
    a, b = strangers(center, 2)
    ask(center, (a, b))
    with pytest.raises(ConfirmationNeeded) as raised:
        carry_out(center, wish_for(only_case(center), SAME, confirm=frozenset()))
    assert raised.value.facts["confirm"] == ["birth_date"]
    carry_out(center, wish_for(only_case(center), SAME, confirm=frozenset({"birth_date"})))
    assert len(set(persons(center, [a, b]))) == 1


def test_a_batch_decides_what_it_can_and_is_undone_whole(center: Center) -> None:
    a, b, c, d = strangers(center, 4)
    ask(center, (a, b))
    ask(center, (c, d))
    cases = open_cases_of(center)
    chosen = [(cases[0].id, cases[0].version), (cases[1].id, 99)]
    done = center.work.run(
        lambda tx: decide_cases(
            center, tx, CLERK, cases=chosen, verdict=DIFFERENT, reason="Zwillinge"
        )
    )
    assert isinstance(done.outcomes[0], Settled)
    assert isinstance(done.outcomes[1], CaseChanged)
    assert (done.done, len(open_cases_of(center))) == (1, 1)
    center.work.run(lambda tx: undo_batch(center, tx, CLERK, batch=done.id, reason="Irrtum"))
    assert len(open_cases_of(center)) == 2


def with_consents(center: Center, *identities: IdentityId) -> None:
    """Give each a consent of its own: joining them changes who permits what."""
    now = center.clock.now()
    statements = [
        (center.new_id(), ConsentStatement(one, f"policy-{n}", Provision.PERMIT, now, None, now))
        for n, one in enumerate(identities)
    ]
    with center.work.begin() as tx:
        tx.consents.add(statements, leaf=center.new_id())  # type: ignore[arg-type] # a test's leaf


def strict(tmp_path: Path) -> Center:
    """A center where two persons agree to what changes anything at all."""
    made = make_center(tmp_path, alone=False)
    return replace(made, desk=DeskRules(second_vote_above=1))


def test_what_changes_much_waits_for_a_second_person(tmp_path: Path) -> None:
    center = strict(tmp_path)
    a, b = strangers(center, 2)
    with_consents(center, a, b)
    ask(center, (a, b))
    asked = propose(center, wish_for(only_case(center), SAME))
    assert asked.decision is None
    assert asked.approval is not None
    assert only_case(center).state is CaseState.PROPOSED
    assert len(set(persons(center, [a, b]))) == 2
    with pytest.raises(CaseProposed):
        carry_out(center, wish_for(only_case(center), DIFFERENT))
    peers = connect(center)
    with pytest.raises(SecondPersonNeeded):
        decide_approval(
            center,
            peers,
            replace(STEWARD, name=CLERK.name),
            approval_id=asked.approval,
            approve=True,
        )
    decide_approval(center, peers, STEWARD, approval_id=asked.approval, approve=True)
    assert len(set(persons(center, [a, b]))) == 1
    with center.work.begin(write=False) as tx:
        (stored,) = tx.review.standing_decisions([a, b])
        assert tx.approvals.get(asked.approval).state is ApprovalState.CARRIED_OUT
    assert (stored.by, stored.confirmed_by) == ("staff:clara", "staff:stefan")


def test_a_refused_proposal_asks_again(tmp_path: Path) -> None:
    center = strict(tmp_path)
    a, b = strangers(center, 2)
    with_consents(center, a, b)
    ask(center, (a, b))
    asked = propose(center, wish_for(only_case(center), SAME))
    assert asked.approval is not None
    decide_approval(center, connect(center), STEWARD, approval_id=asked.approval, approve=False)
    assert only_case(center).state is CaseState.OPEN
    assert len(set(persons(center, [a, b]))) == 2


def test_a_proposal_that_new_questions_reached_is_not_carried_out(tmp_path: Path) -> None:
    center = strict(tmp_path)
    a, b, c = strangers(center, 3)
    with_consents(center, a, b)
    ask(center, (a, b))
    asked = propose(center, wish_for(only_case(center), SAME))
    ask(center, (b, c))
    assert asked.approval is not None
    with pytest.raises(CaseChanged):
        decide_approval(center, connect(center), STEWARD, approval_id=asked.approval, approve=True)
    assert len(set(persons(center, [a, b]))) == 2


def test_who_works_on_a_case_keeps_others_out_until_they_take_it_over(center: Center) -> None:
    a, b = strangers(center, 2)
    ask(center, (a, b))
    case = only_case(center)
    center.work.run(lambda tx: work_on(center, tx, OTHER, case_id=case.id))
    with pytest.raises(CaseInWork) as raised:
        carry_out(center, wish_for(case, DIFFERENT))
    assert raised.value.facts["holder"] == "staff:carl"
    carry_out(center, wish_for(case, DIFFERENT, take_over=True))


def test_what_was_postponed_comes_back_by_itself(center: Center) -> None:
    a, b = strangers(center, 2)
    ask(center, (a, b))
    until = center.clock.now()
    carry_out(center, wish_for(only_case(center), LATER, until=until))
    assert only_case(center).returns_at == until
    assert (bring_back(center), bring_back(center)) == (1, 0)
    assert only_case(center).state is CaseState.OPEN


def test_cases_are_given_to_those_who_may_decide_them(center: Center) -> None:
    a, b = strangers(center, 2)
    ask(center, (a, b))
    case = only_case(center)
    with pytest.raises(InvalidField), center.work.begin() as tx:
        assign_cases(center, tx, CLERK, cases=[case.id], assignee="nobody")
    with center.work.begin() as tx:
        assign_cases(center, tx, CLERK, cases=[case.id], assignee=None)


def pair(center: Center, first: IdentityId, second: IdentityId) -> str:
    with center.work.begin() as tx:
        return pair_manually(center, tx, CLERK, first=first, second=second).why


def test_a_manual_pair_says_why_nobody_was_asked(center: Center) -> None:
    a, b, c = strangers(center, 3)
    assert pair(center, a, b) == "unlike"
    assert pair(center, b, a) == "asked"
    carry_out(center, wish_for(only_case(center), DIFFERENT))
    with pytest.raises(KeptApart):
        pair(center, a, b)
    link(center, a, c)
    with pytest.raises(OnePerson):
        pair(center, a, c)


def test_a_split_needs_a_reason(center: Center) -> None:
    a, b = strangers(center, 2)
    link(center, a, b)
    with pytest.raises(ReasonMissing):
        carry_out(center, Wish(Verdict.SPLIT, " ", leaving=(a,), confirm=CONFIRMED))
