"""Whatever is linked, decided, undone: one current pseudonym a person, never another's, and who has it hears."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import suppress
from functools import cache
from itertools import count, groupby
from pathlib import Path

from hypothesis import Phase, settings
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
from tests.services.decisions import split
from tests.services.patients import patient, persons, registered
from tests.services.person_domains.persons import (
    NotAsked,
    assignment,
    client,
    events,
    person_domain,
    pseudonyms,
    same,
    undo,
)
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.events import Event, FeedKind
from ttp.core.impact import Fate, Impact
from ttp.core.names import DecisionId, IdentityId, PersonId, Pseudonym
from ttp.core.persons import LOCAL, EdgeKind, NewEdge, pair_of
from ttp.core.review import CaseSettled, KeptApart, UndoBlocked
from ttp.services.cases.impact import impact_of
from ttp.services.persons.link_identities import link_identities

PEOPLE = 6
people = st.integers(0, PEOPLE - 1)
two_people = st.tuples(people, people).filter(lambda two: two[0] != two[1])
askers = st.sampled_from(["lab", "store"])

_numbers = count(0, PEOPLE)


@cache
def _center(database_url: str) -> Center:
    center = make_center(Path(tempfile.mkdtemp()), database_url)
    person_domain(center)
    return center


class Life(RuleBasedStateMachine):
    """One domain of persons under random work of models, people and those who ask for pseudonyms."""

    database_url = ""
    center: Center
    first: int
    identities: list[IdentityId]
    decisions: list[DecisionId]

    @initialize()
    def begin(self) -> None:
        self.center, self.first = _center(self.database_url), next(_numbers)
        numbers = range(self.first, self.first + PEOPLE)
        records = [patient(one, birth_date="1961-02-03") for one in numbers]
        self.identities = [one.identity for one in registered(self.center, *records)]
        self.decisions = []
        self.hangs: dict[IdentityId, Pseudonym] = {}
        self.holds: defaultdict[str, set[Pseudonym]] = defaultdict(set)
        self.heard = len(events(self.center))

    @rule(who=st.lists(people, min_size=1, max_size=4), asker=askers)
    def ask(self, who: list[int], asker: str) -> None:
        told = pseudonyms(self.center, [self.first + one for one in who], actor=client(asker))
        of = persons(self.center, [self.identities[one] for one in who])
        by_person = dict(zip(of, told, strict=True))
        assert [by_person[one] for one in of] == told
        self.holds[asker].update(told)

    @rule(two=two_people, score=st.floats(10, 40))
    def link(self, two: tuple[int, int], score: float) -> None:
        edge = NewEdge(*self._pair(two), EdgeKind.SAME, "model:test", score)
        self.center.work.run(
            lambda tx: link_identities(self.center, tx, OPERATOR, population=LOCAL, edges=[edge])
        )

    @rule(two=two_people)
    def decide(self, two: tuple[int, int]) -> None:
        if len(set(persons(self.center, self._pair(two)))) == 1:
            return
        before, expected = self._state(), self._impact(same=[self._pair(two)])
        try:
            decision = same(self.center, *self._pair(two))
        except (KeptApart, CaseSettled, NotAsked):
            return
        self.decisions.append(decision)
        self._compare(before, expected)

    @rule(leaving=st.sets(people, min_size=1, max_size=2))
    def part(self, leaving: set[int]) -> None:
        chosen = [self.identities[one] for one in sorted(leaving)]
        with suppress(InvalidField):  # they are nobody's, or all there is of somebody
            self.decisions.append(split(self.center, *chosen))

    @precondition(lambda self: bool(self.decisions))
    @rule(which=st.integers(0))
    def undo(self, which: int) -> None:
        decision = self.decisions[which % len(self.decisions)]
        also: list[DecisionId] = []
        before, expected = self._state(), self._impact(undone=[decision])
        try:
            undone = undo(self.center, decision)
        except UndoBlocked as blocked:
            named = blocked.facts["decisions"]
            assert isinstance(named, list)
            also = [one for one in self.decisions if str(one) in named]
            undone = undo(self.center, decision, also)
        else:
            self._compare(before, expected)
        self.decisions = [one for one in self.decisions if one not in undone]

    def _pair(self, two: tuple[int, int]) -> tuple[IdentityId, IdentityId]:
        return pair_of(self.identities[two[0]], self.identities[two[1]])

    def _impact(self, **changes: object) -> Impact:
        return self.center.work.run(
            lambda tx: impact_of(self.center, tx, population=LOCAL, **changes),  # type: ignore[arg-type] # passed on
            write=False,
        )

    def _state(self) -> dict[Pseudonym, Pseudonym | None]:
        return dict(assignment(self.center, self.identities).values())

    def _compare(self, before: dict[Pseudonym, Pseudonym | None], expected: Impact) -> None:
        """What was said before is what happened."""
        after = self._state()
        changed = {one for one in before if after[one] != before[one]}
        said = {one.pseudonym for one in expected.pseudonyms if one.fate is not Fate.CONTAMINATED}
        assert changed == said
        contaminated = [one for one in expected.pseudonyms if one.fate is Fate.CONTAMINATED]
        assert len(after) - len(before) <= sum(one.fresh for one in contaminated)

    @invariant()
    def every_person_with_a_pseudonym_has_one_that_is_current(self) -> None:
        found = assignment(self.center, self.identities)
        of = dict(zip(self.identities, persons(self.center, self.identities), strict=True))
        current: defaultdict[PersonId, set[Pseudonym]] = defaultdict(set)
        for one, (pseudonym, successor) in found.items():
            if successor is None:
                current[of[one]].add(pseudonym)
        assert all(len(own) == 1 for own in current.values())
        assert {of[one] for one in found} == set(current)
        for one, (_, successor) in found.items():
            assert successor is None or {successor} == current[of[one]]

    @invariant()
    def a_pseudonym_stays_with_its_record(self) -> None:
        found = {one: own[0] for one, own in assignment(self.center, self.identities).items()}
        assert {one: found[one] for one in self.hangs} == self.hangs
        assert len(set(found.values())) == len(found)
        self.hangs = found

    @invariant()
    def those_who_have_a_pseudonym_hear_what_became_of_it_and_nobody_else(self) -> None:
        heard = events(self.center)[self.heard :]
        self.heard += len(heard)
        for _, of_act in groupby(heard, key=lambda event: event.position):
            told = list(of_act)
            for event in told:
                self._check_recipients(event)
            for event in told:  # who heard of a successor has it
                if event.kind is FeedKind.SUPERSEDED:
                    for name in event.recipients or ():
                        new = {item["new"] for item in event.items}
                        self.holds[name.removeprefix("client:")] |= new

    def _check_recipients(self, event: Event) -> None:
        for item in event.items:
            told = item["old"] if event.kind is FeedKind.SUPERSEDED else item["pseudonym"]
            have = {f"client:{one}" for one, own in self.holds.items() if told in own}
            assert set(event.recipients or ()) == have, event.kind


def test_pseudonyms_follow_persons_whatever_happens(database_url: str) -> None:
    steps = settings(
        max_examples=scaled(8 if not database_url else 3, least=2),
        stateful_step_count=20,
        deadline=None,
        phases=[Phase.generate],
    )
    here = type("LifeHere", (Life,), {"database_url": database_url})
    try:
        run_state_machine_as_test(here, settings=steps)
    finally:
        _center(database_url).work.close()
        _center.cache_clear()
