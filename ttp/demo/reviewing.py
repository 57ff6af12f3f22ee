"""Step 6: a simulated clerk, who knows the truth and errs in two of a hundred, decides; one decision is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from ttp.core.access import Actor
from ttp.core.decisions import FIELDS_FOR_LIFE
from ttp.core.names import CaseId, DecisionId, IdentityId, PopulationName
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.projects import population_of
from ttp.core.review import CaseQuery, CaseState, KeptApart, Verdict
from ttp.demo.centers import DemoCenter
from ttp.demo.narration import Step
from ttp.demo.quality import document
from ttp.demo.stage import FEDERATED, PROJECT, SEED, Stage
from ttp.demo.truth import (
    identities_in_truth,
    linkage_quality,
    registration_quality,
    submissions_in_truth,
)
from ttp.services.cases.decide_case import decide_case
from ttp.services.cases.list_cases import list_cases
from ttp.services.cases.show_case import CaseView, PairView, show_case
from ttp.services.cases.undo_decision import undo_decision

MISTAKES = 0.02
LEFT_OPEN = 12
"""Cases that wait for the visitor, at each center; fewer where there are few."""
FEWEST_DECIDED = 2
PAGE = 500
Truth = Mapping[IdentityId, str]


@dataclass(slots=True)
class Clerk:
    """Somebody at a desk of one center, with what they did. The mistakes are the same in every run."""

    at: DemoCenter
    actor: Actor
    truth: Truth
    chance: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311  # a script, not a secret
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("cases", "decisions", "same", "different", "mistakes", "undone"), 0
        )
    )

    def work_through(self, cases: Sequence[CaseId], step: Step) -> None:
        """Decide the cases; undo the first decision and take it again."""
        for number, case_id in enumerate(cases):
            made = self.decide(case_id)
            if number == 0 and made:
                self._think_again(case_id, made[-1])
            self.counts["cases"] += 1
            step.advance()

    def decide(self, case_id: CaseId) -> list[DecisionId]:
        """Answer every open question of a case, one by one."""
        made: list[DecisionId] = []
        while True:
            view = self._show(case_id)
            asked = next((pair for pair in view.pairs if pair.open), None)
            if asked is None:
                return made
            made.append(self._answer(view, asked))

    def _show(self, case_id: CaseId) -> CaseView:
        center = self.at.center
        return center.work.run(
            lambda tx: show_case(center, tx, self.actor, case_id=case_id), write=False
        )

    def _answer(self, view: CaseView, pair: PairView) -> DecisionId:
        first, second = pair.pair
        same = self.truth[first] == self.truth[second]
        if self.chance.random() < MISTAKES:
            same, self.counts["mistakes"] = not same, self.counts["mistakes"] + 1
        try:
            return self._decide(view, pair, Verdict.SAME if same else Verdict.DIFFERENT)
        except KeptApart:
            return self._decide(view, pair, Verdict.DIFFERENT)

    def _decide(self, view: CaseView, pair: PairView, verdict: Verdict) -> DecisionId:
        center = self.at.center
        made = center.work.run(
            lambda tx: decide_case(
                center,
                tx,
                self.actor,
                case_id=view.case.id,
                verdict=verdict,
                reason="compared the records",
                version=view.case.version,
                pairs=[pair.pair],
                confirm=FIELDS_FOR_LIFE,
            )
        )
        self.counts["decisions"] += 1
        self.counts[verdict.value] += 1
        return made

    def _think_again(self, case_id: CaseId, decision: DecisionId) -> None:
        center = self.at.center
        center.work.run(
            lambda tx: undo_decision(
                center, tx, self.actor, decision_id=decision, reason="to look once more"
            )
        )
        self.counts["undone"] += 1
        self.decide(case_id)


def review(stage: Stage, step: Step) -> None:
    """Work through the cases of all three centers, and measure before and after."""
    clerks = [_clerk(stage, center) for center in stage.centers.values()]
    quality = stage.figures.setdefault("quality", {})
    quality["before_review"] = _measure(stage, clerks)
    chosen = {clerk.at.name: _chosen(clerk) for clerk in clerks}
    step.expect(sum(map(len, chosen.values())))
    for clerk in clerks:
        clerk.work_through(chosen[clerk.at.name], step)
    quality["after_review"] = _measure(stage, clerks)
    for clerk in clerks:
        left = len(_open_cases(clerk))
        stage.figures.setdefault("review", {})[clerk.at.name] = {**clerk.counts, "left_open": left}
        step.say(
            f"{clerk.at.name}: {clerk.counts['cases']} cases decided, {clerk.counts['undone']} decision"
            f" undone and taken again, {left} left for you"
        )


def _clerk(stage: Stage, at: DemoCenter) -> Clerk:
    truth = submissions_in_truth(stage) if at.name == FEDERATED else identities_in_truth(stage, at)
    return Clerk(at, at.person("clerk"), truth)


def _measure(stage: Stage, clerks: Sequence[Clerk]) -> dict[str, dict[str, float]]:
    return {
        clerk.at.name: document(
            linkage_quality(stage, clerk.truth)
            if clerk.at.name == FEDERATED
            else registration_quality(stage, clerk.at)
        )
        for clerk in clerks
    }


def _chosen(clerk: Clerk) -> list[CaseId]:
    """The cases to be decided: the others wait for the visitor."""
    cases = _open_cases(clerk)
    left = min(LEFT_OPEN, max(len(cases) - FEWEST_DECIDED, (len(cases) + 1) // 2))
    return cases[: len(cases) - left]


def _open_cases(clerk: Clerk) -> list[CaseId]:
    center = clerk.at.center
    population = population_of(PROJECT) if clerk.at.name == FEDERATED else LOCAL
    return center.work.run(lambda tx: _all_open(clerk, tx, population), write=False)


def _all_open(clerk: Clerk, tx: Transaction, population: PopulationName) -> list[CaseId]:
    found: list[CaseId] = []
    while True:
        query = CaseQuery(
            population, frozenset({CaseState.OPEN}), PAGE, found[-1] if found else None
        )
        page = list_cases(clerk.at.center, tx, clerk.actor, query=query)
        found.extend(case.id for case in page)
        if len(page) < PAGE:
            return found
