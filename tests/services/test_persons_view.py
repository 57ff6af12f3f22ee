"""After any sequence of links, questions, decisions and undoings the stored persons are those of all standing edges."""

import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import make_center
from tests.scale import scaled
from tests.services.decisions import CONFIRMED, carry_out, split, state_of, wish_for
from tests.services.patients import CLERK, patient, persons, recomputed, registered
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.names import DecisionId, IdentityId
from ttp.core.persons import LOCAL, EdgeKind, NewEdge
from ttp.core.review import (
    ASKING,
    KeptApart,
    PossibleMatch,
    ReviewCase,
    UndoBlocked,
    Verdict,
)
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.open_cases import open_cases
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.persons.link_identities import link_identities
from ttp.services.persons.settle_persons import open_questions

PEOPLE = 7
people = st.integers(0, PEOPLE - 1)
two_people = st.tuples(people, people).filter(lambda two: two[0] != two[1])


_numbers = count(0, PEOPLE)


@cache
def _center() -> Center:
    return make_center(Path(tempfile.mkdtemp()))


class Persons(RuleBasedStateMachine):
    """One population under random work of models and people."""

    center: Center
    identities: list[IdentityId]
    decisions: list[DecisionId]

    @initialize()
    def begin(self) -> None:
        self.center = _center()
        first = next(_numbers)
        done = registered(self.center, *map(patient, range(first, first + PEOPLE)))
        self.identities = [one.identity for one in done]
        self.decisions = []

    @rule(two=two_people, score=st.floats(10, 40))
    def link(self, two: tuple[int, int], score: float) -> None:
        edge = NewEdge(*self._pair(two), EdgeKind.SAME, "model:test", score)
        self.center.work.run(
            lambda tx: link_identities(self.center, tx, OPERATOR, population=LOCAL, edges=[edge])
        )

    @rule(pairs=st.lists(two_people, min_size=1, max_size=3))
    def ask(self, pairs: list[tuple[int, int]]) -> None:
        possible = [PossibleMatch(*self._pair(two), 10.0) for two in pairs]
        self.center.work.run(
            lambda tx: open_cases(self.center, tx, OPERATOR, population=LOCAL, possible=possible)
        )

    @precondition(lambda self: bool(self._asking()))
    @rule(
        which=st.integers(0),
        verdict=st.sampled_from([Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER]),
    )
    def decide(self, which: int, verdict: Verdict) -> None:
        cases = self._asking()
        case = cases[which % len(cases)]
        try:
            made = self.center.work.run(
                lambda tx: decide_case(
                    self.center, tx, CLERK, case_id=case.id, verdict=verdict, reason="Grund",
                    version=case.version, confirm=CONFIRMED,
                )
            )  # fmt: skip
        except KeptApart:
            return
        self.decisions.append(made)

    @precondition(lambda self: bool(self._asking()))
    @rule(which=st.integers(0), member=people)
    def exclude(self, which: int, member: int) -> None:
        cases = self._asking()
        case = cases[which % len(cases)]
        wish = wish_for(case, Verdict.EXCLUDED, member=self.identities[member])
        with suppress(KeptApart, InvalidField):
            self.decisions.append(carry_out(self.center, wish))

    @rule(leaving=st.sets(people, min_size=1, max_size=3))
    def part(self, leaving: set[int]) -> None:
        chosen = [self.identities[one] for one in sorted(leaving)]
        with suppress(InvalidField):
            self.decisions.append(split(self.center, *chosen))
            gone = set(persons(self.center, chosen))
            rest = [one for one in self.identities if one not in chosen]
            assert len(gone) == 1
            assert gone.isdisjoint(persons(self.center, rest))

    @precondition(lambda self: bool(self._asking()))
    @rule(which=st.integers(0), leaving=people, verdict=st.sampled_from(Verdict))
    def decide_and_undo(self, which: int, leaving: int, verdict: Verdict) -> None:
        before = state_of(self.center, self.identities)
        cases, member = self._asking(), self.identities[leaving]
        wish = wish_for(cases[which % len(cases)], verdict)
        if verdict is Verdict.EXCLUDED:
            wish = replace(wish, member=member)
        if verdict is Verdict.SPLIT:
            wish = replace(wish, leaving=(member,))
        try:
            made = carry_out(self.center, wish)
        except (KeptApart, InvalidField):
            return
        assert self._undo(made, []) == [made]
        assert state_of(self.center, self.identities) == before

    @precondition(lambda self: bool(self.decisions))
    @rule(which=st.integers(0))
    def undo(self, which: int) -> None:
        decision = self.decisions[which % len(self.decisions)]
        try:
            undone = self._undo(decision, [])
        except UndoBlocked as blocked:
            named = blocked.facts["decisions"]
            assert isinstance(named, list)
            undone = self._undo(decision, [one for one in self.decisions if str(one) in named])
        self.decisions = [one for one in self.decisions if one not in undone]

    def _asking(self) -> list[ReviewCase]:
        with self.center.work.begin(write=False) as tx:
            return [one for one in tx.review.touching(self.identities) if one.state in ASKING]

    def _undo(self, decision: DecisionId, also: list[DecisionId]) -> list[DecisionId]:
        return self.center.work.run(
            lambda tx: undo_decision(
                self.center, tx, CLERK, decision_id=decision, reason="Grund", also=also
            )
        )

    def _pair(self, two: tuple[int, int]) -> tuple[IdentityId, IdentityId]:
        return self.identities[two[0]], self.identities[two[1]]

    @invariant()
    def the_view_is_that_of_all_standing_edges(self) -> None:
        view, anew = recomputed(self.center, self.identities)
        assert view == anew

    @invariant()
    def nobody_kept_apart_is_one_person(self) -> None:
        view, _ = recomputed(self.center, self.identities)
        with self.center.work.begin(write=False) as tx:
            apart = tx.edges.standing(self.identities, EdgeKind.APART)
        assert all(view[edge.pair[0]] != view[edge.pair[1]] for edge in apart)

    @invariant()
    def a_case_asks_as_long_as_it_has_a_question(self) -> None:
        with self.center.work.begin(write=False) as tx:
            for case in tx.review.touching(self.identities):
                pairs = tx.review.pairs([case.id]).get(case.id, [])
                assert bool(open_questions(tx, pairs)) is (case.state in ASKING), case.state


@pytest.mark.timeout(scaled(300, least=300))
def test_persons_follow_whatever_happens() -> None:
    steps = settings(max_examples=scaled(10, least=3), stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Persons, settings=steps)
