"""Show quality: agreement, time, backlog and estimated precision and recall. Figures of others are a steward's only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from linkage.quality.estimate import Estimate, estimate
from linkage.quality.sampling import Stratum as LinkageStratum
from ttp.core.access import Actor, Right
from ttp.core.agreement import Kappa, kappa, median_of
from ttp.core.center import Center
from ttp.core.forecast import Forecast, forecast
from ttp.core.persons import LOCAL
from ttp.core.ports import Transaction
from ttp.core.quality_desk import (
    WINDOW_DAYS,
    Check,
    CheckFilter,
    CheckKind,
    CheckState,
    DayFlow,
    Frame,
    Vote,
    stratum_of,
)
from ttp.core.review import CaseState, Verdict

_MOST = 5000
_SAMPLED = {CheckKind.LINK, CheckKind.REJECTED}
OTHERS = ""
"""Stands for all other reviewers, where they are not named."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: decisions timed and their median seconds, answers to planted pairs and agreement with them."""

    name: str
    timed: int
    median_seconds: float | None
    gold: Kappa


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two reviewers agree; ``second`` is OTHERS where the reader may not know who."""

    first: str
    second: str
    kappa: Kappa


@dataclass(frozen=True, slots=True)
class LabeledStratum:
    """A stratum of the latest sample: pairs in it, how many have a label, how many of these are matches."""

    lowest: float
    accepted: bool
    pairs: int
    labels: int
    matches: int


@dataclass(frozen=True, slots=True)
class QualityView:
    """What the quality desk shows."""

    waiting: int
    disputed: int
    contradicted: list[Check]
    reviewers: list[Reviewer]
    agreements: list[Agreement]
    forecast: Forecast
    flow: list[DayFlow]
    strata: list[LabeledStratum]
    estimate: Estimate | None
    drawn_at: datetime | None
    everybody: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """What the dashboard shows of the quality desk."""

    waiting: int
    forecast: Forecast
    flow: list[DayFlow]
    estimate: Estimate | None


def show_quality(center: Center, tx: Transaction, actor: Actor) -> QualityView:
    """The quality desk as this person may see it.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    me, everybody = f"{actor.kind}:{actor.name}", actor.may(Right.ADMINISTER)
    checks = tx.quality.answered(limit=_MOST)
    votes = tx.quality.votes([check.id for check in checks])
    frame, days = tx.quality.latest_frame(LOCAL), _days(center, tx)
    strata = _strata(frame, checks) if frame else []
    return QualityView(
        waiting=tx.quality.count_waiting(me),
        disputed=tx.quality.count_disputed(),
        contradicted=tx.quality.page(CheckFilter(contradicted=True)) if everybody else [],
        reviewers=[
            one
            for one in _reviewers(checks, votes, tx.quality.times(limit=_MOST))
            if everybody or one.name == me
        ],
        agreements=_agreements(checks, votes, me, everybody=everybody),
        forecast=_forecast(tx, days),
        flow=days,
        strata=strata,
        estimate=_estimate(strata),
        drawn_at=frame.at if frame else None,
        everybody=everybody,
    )


def show_pace(center: Center, tx: Transaction, actor: Actor) -> Pace:
    """What the dashboard shows: waiting checks, forecast and estimate.

    Raises:
        NotAllowed: and nothing is answered.
    """
    actor.require(Right.REVIEW)
    days, frame = _days(center, tx), tx.quality.latest_frame(LOCAL)
    strata = _strata(frame, tx.quality.answered(limit=_MOST)) if frame else []
    waiting = tx.quality.count_waiting(f"{actor.kind}:{actor.name}")
    return Pace(waiting, _forecast(tx, days), days, _estimate(strata))


def _days(center: Center, tx: Transaction) -> list[DayFlow]:
    """Every day from the first arrival in the window to today, quiet ones included."""
    today = center.clock.now().date()
    since = center.clock.now() - timedelta(days=WINDOW_DAYS)
    found = {one.day: one for one in tx.quality.flow(since=since)}
    if not found:
        return []
    span = (today - min(found)).days
    every = [today - timedelta(days=back) for back in range(span, -1, -1)]
    return [found.get(day, DayFlow(day, 0, 0)) for day in every]


def _forecast(tx: Transaction, days: Sequence[DayFlow]) -> Forecast:
    waiting = tx.review.count().get(CaseState.OPEN, 0)
    return forecast(waiting, [(day.came, day.decided) for day in days])


def _ratings(
    checks: Sequence[Check], votes: Mapping[UUID, Sequence[Vote]]
) -> Iterator[tuple[Check, dict[str, bool]]]:
    """What each person said of each pair: same or not; who could not tell is left out."""
    for check in checks:
        said = {
            vote.by: vote.verdict is Verdict.SAME
            for vote in votes.get(check.id, ())
            if vote.verdict is not Verdict.LATER
        }
        if check.kind is CheckKind.SECOND:
            said[check.first_by] = check.expected is Verdict.SAME
        yield check, said


def _reviewers(
    checks: Sequence[Check],
    votes: Mapping[UUID, Sequence[Vote]],
    times: Mapping[str, Sequence[float]],
) -> list[Reviewer]:
    gold: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for check, said in _ratings(checks, votes):
        for name, same in said.items():
            if check.kind is CheckKind.GOLD:
                gold[name].append((same, check.expected is Verdict.SAME))
            else:
                gold.setdefault(name, [])
    return [
        Reviewer(
            name,
            len(times.get(name, ())),
            median_of(list(times.get(name, ()))),
            kappa(gold.get(name, [])),
        )
        for name in sorted({*gold, *times})
    ]


def _agreements(
    checks: Sequence[Check], votes: Mapping[UUID, Sequence[Vote]], me: str, *, everybody: bool
) -> list[Agreement]:
    """Every pair of reviewers for a steward; one's own agreement with all others for everybody else."""
    rated: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for _, said in _ratings(checks, votes):
        names = sorted(said)
        for place, first in enumerate(names):
            for second in names[place + 1 :]:
                if everybody:
                    rated[first, second].append((said[first], said[second]))
                elif me in {first, second}:
                    other = second if first == me else first
                    rated[me, OTHERS].append((said[me], said[other]))
    return [Agreement(*names, kappa(pairs)) for names, pairs in sorted(rated.items())]


def _strata(frame: Frame, checks: Sequence[Check]) -> list[LabeledStratum]:
    labels: dict[tuple[float, bool], list[bool]] = defaultdict(list)
    for check in checks:
        if check.kind in _SAMPLED and check.state is CheckState.SETTLED:
            place = stratum_of(check.score or 0.0), check.kind is CheckKind.LINK
            labels[place].append(check.outcome is Verdict.SAME)
    return [
        LabeledStratum(one.lowest, one.accepted, max(one.pairs, len(found)), len(found), sum(found))
        for one in frame.strata
        for found in [labels[one.lowest, one.accepted]]
    ]


def _estimate(strata: Sequence[LabeledStratum]) -> Estimate | None:
    """Precision and recall of what the model decided alone; None before there are labels on both sides of it."""
    sides = {one.accepted for one in strata if one.labels}
    if not strata or True not in sides:
        return None
    made: list[LinkageStratum] = []
    labels: dict[int, bool] = {}
    start = 0
    for one in strata:
        rows = np.arange(start, start + one.pairs)
        made.append(LinkageStratum(one.lowest, one.lowest, one.accepted, rows))
        labels |= {start + place: place < one.matches for place in range(one.labels)}
        start += one.pairs
    return estimate(made, labels)
