"""The quality desk: what reviewers do is checked blindly, measured with intervals, and held against nobody.

A check is a question asked once more, or one whose answer is known. Whoever answers sees neither score nor earlier
answers, and cannot tell a planted pair from a real one. No check changes a person, a pseudonym or a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from ttp.core.errors import Conflict, NotFound
from ttp.core.names import DecisionId, IdentityId, LeafId, PopulationName
from ttp.core.persons import Pair
from ttp.core.review import Verdict

STRATUM_BITS = 4
"""Width of a stratum of scores, in bits."""
REACH_STRATA = 3
"""How many strata below the threshold of possible matches are searched for missed matches."""
WINDOW_DAYS = 28
"""Days whose arrivals and decisions make the forecast."""


class UnknownCheck(NotFound):
    """No check has this ID."""

    code = "unknown-check"


class CheckClosed(Conflict):
    """This check is settled, or you have answered it, or you gave the answer that is checked."""

    code = "check-closed"


class CheckKind(StrEnum):
    """Why a pair is asked about once more."""

    SECOND = "second"  # a decision, drawn at random
    GOLD = "gold"  # a planted pair whose truth is known
    LINK = "link"  # a link that a model made
    REJECTED = "rejected"  # a pair that a model did not even ask about


class CheckState(StrEnum):
    """Where a check stands."""

    OPEN = "open"
    DISPUTED = "disputed"  # answers differ; somebody who has not answered yet has the last word
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``seed`` makes a planted pair; ``pair`` is that of all others.

    ``expected`` is what the answer is compared with: the first decision (by ``first_by``), the truth of a planted
    pair, or what the model did. ``score`` is the model's, in bits.
    """

    id: UUID
    kind: CheckKind
    population: PopulationName
    pair: Pair | None
    seed: int | None
    expected: Verdict
    first_by: str
    decision: DecisionId | None
    score: float | None
    state: CheckState
    created_at: datetime
    outcome: Verdict | None = None
    settled_at: datetime | None = None

    def after(self, votes: Sequence[Vote]) -> tuple[CheckState, Verdict | None]:
        """State and outcome once these answers (oldest first) were given.

        A planted pair stays open for everybody. An answer as expected settles the others; any other has to be
        confirmed or refuted by one more person, whose answer counts.
        """
        told = [vote.verdict for vote in votes if vote.verdict is not Verdict.LATER]
        if self.kind is CheckKind.GOLD or not told:
            return CheckState.OPEN, None
        if len(told) > 1 or told[0] is self.expected:
            return CheckState.SETTLED, told[-1]
        return CheckState.DISPUTED, None


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's answer to a check; LATER is "cannot tell". ``seconds`` from the first sight of it, if known."""

    check_id: UUID
    by: str
    verdict: Verdict
    seconds: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many pairs have a score from ``lowest`` on; ``accepted`` when the model linked them."""

    lowest: float
    accepted: bool
    pairs: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What a sample was drawn from: the strata of a population at one time. ``searched`` of its records were."""

    at: datetime
    population: PopulationName
    strata: tuple[Stratum, ...]
    searched: int


@dataclass(frozen=True, slots=True)
class CheckFilter:
    """Which checks: by state and kind, and only those whose outcome contradicts what stands."""

    state: CheckState | None = None
    kind: CheckKind | None = None
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class DayFlow:
    """How many cases came and how many decisions were made on one day."""

    day: date
    came: int
    decided: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A decision that may be drawn for a second opinion."""

    id: DecisionId
    population: PopulationName
    pairs: tuple[Pair, ...]
    verdict: Verdict
    by: str


def stratum_of(score: float) -> float:
    """The lower bound of the stratum a score lies in."""
    return float(score // STRATUM_BITS * STRATUM_BITS)


class QualityStore(Protocol):
    """Where checks, answers, durations and frames are kept."""

    def add(self, checks: Sequence[Check], *, leaf: LeafId) -> None:
        """Store new checks."""
        ...

    def get(self, check_id: UUID) -> Check:
        """The check. Raises UnknownCheck."""
        ...

    def page(
        self, chosen: CheckFilter, *, before: UUID | None = None, limit: int = 25
    ) -> list[Check]:
        """A page of checks, planted ones excepted, newest first."""
        ...

    def waiting(self, by: str, *, limit: int) -> list[Check]:
        """Checks that this person may answer, oldest first."""
        ...

    def count_waiting(self, by: str) -> int:
        """How many checks this person may answer."""
        ...

    def count_disputed(self) -> int:
        """How many checks wait for a last word."""
        ...

    def add_vote(self, vote: Vote, *, leaf: LeafId) -> None:
        """Store an answer. Raises CheckClosed: this person gave one."""
        ...

    def votes(self, check_ids: Sequence[UUID]) -> dict[UUID, list[Vote]]:
        """The answers to each check, oldest first."""
        ...

    def settle(
        self, check_id: UUID, *, state: CheckState, outcome: Verdict | None, at: datetime
    ) -> None:
        """Store where a check stands."""
        ...

    def answered(self, *, limit: int) -> list[Check]:
        """Checks with an answer, newest first."""
        ...

    def undrawn(self, *, limit: int) -> list[Drawn]:
        """Decisions, oldest first, of which nobody has said yet whether they are drawn."""
        ...

    def mark_drawn(self, last: DecisionId) -> None:
        """Note that all decisions up to this one were drawn from."""
        ...

    def keep_time(self, decision: DecisionId, *, by: str, seconds: float) -> None:
        """Store how long a decision took."""
        ...

    def times(self, *, limit: int) -> dict[str, list[float]]:
        """The newest durations of decisions in seconds, by person."""
        ...

    def flow(self, *, since: datetime) -> list[DayFlow]:
        """Arrivals and decisions by day, those days only on which there were some."""
        ...

    def link_strata(self, population: PopulationName) -> list[Stratum]:
        """The links that models made and that stand, by stratum."""
        ...

    def sample_links(
        self, population: PopulationName, *, lowest: float, limit: int
    ) -> list[tuple[Pair, float]]:
        """Links of a stratum at random, with their scores, those left out that were checked before."""
        ...

    def sample_identities(self, population: PopulationName, *, limit: int) -> list[IdentityId]:
        """Records at random."""
        ...

    def checked(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Those of the pairs that some check asks about."""
        ...

    def add_frame(self, frame: Frame, *, leaf: LeafId) -> None:
        """Store what a sample was drawn from."""
        ...

    def latest_frame(self, population: PopulationName) -> Frame | None:
        """The newest frame of a population."""
        ...


def known_seconds(given: str, *, longest: float = 3600.0) -> float | None:
    """Seconds as a browser tells them, None if it told none or what cannot be: an hour is a break, not a decision."""
    try:
        seconds = float(given)
    except ValueError:
        return None
    return round(seconds, 2) if 0 <= seconds <= longest else None
