"""Self-training: a scorer learns from the links it can trust and from what those links rule out.

A record has at most one counterpart in another source, so every rival of a trusted link is a
non-match, known without any truth; so is a pair inside one source. Links that are not trusted teach
nothing: calling them false would teach the scorer to miss what is hard, calling them true to accept
look-alikes. The identifiers' evidence decides whom to trust but is not learned from, since it is
given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from linkage import thresholds
from linkage.decide.logistic import fit_logistic
from linkage.decide.matter import Columns, likeness
from linkage.decide.taught import Taught
from linkage.decide.trees import boost
from linkage.decide.verdict import linked
from linkage.encoded_score import Scored, identifier_bits
from linkage.evidence import Evidence, evidence_of, room
from linkage.fellegi_sunter import Levels, weigh
from linkage.thresholds import Scores, Threshold

ROUNDS: Final = 3
MOST: Final = 150_000
"""Comparisons learned from; of more, every n-th."""


class Scorer(Protocol):
    """What turns levels of agreement into bits of evidence, and says which column gave what."""

    @property
    def base(self) -> float:
        """Bits before any column is looked at."""

    def score(self, levels: Levels) -> Scores:
        """Bits of each comparison."""

    def parts(self, levels: Levels) -> Scores:
        """Summands (pairs, columns) in bits; with ``base`` they add up to the score."""


class ScorerKind(StrEnum):
    """The scorers to choose from; `TAUGHT` is there for shipped schemas of views alone."""

    FELLEGI_SUNTER = "fellegi-sunter"
    LOGISTIC = "logistic"
    BOOSTING = "boosting"
    TAUGHT = "taught"


Fit = Callable[[Levels, Scores, Scores, tuple[int, ...]], Scorer]
_FITS: Final[dict[ScorerKind, Fit]] = {
    ScorerKind.LOGISTIC: fit_logistic,
    ScorerKind.BOOSTING: boost,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate pairs with their levels and the identifiers' bits; the score is in ``scored``."""

    scored: Scored
    levels: Levels
    known: NDArray[np.float64]

    def by(self, scores: Scores) -> "Judged":
        """The same pairs under other scores; the identifiers' bits are added."""
        pairs = replace(self.scored.pairs, score=scores + self.known)
        return replace(self, scored=replace(self.scored, pairs=pairs))


@dataclass(frozen=True, slots=True)
class Field:
    """All pairs between the sources and inside them, and what they are compared by.

    ``salted``: candidates come from tokens that may be thinned, so look-alikes compete for them.
    ``taught``: the scorer that made-up patients taught for this very schema, if there is one.
    """

    cross: Sequence[Judged]
    inside: Sequence[Judged]
    columns: Columns
    salted: bool
    taught: Taught | None = None

    def by(self, scorer: Scorer) -> "Field":
        """The same pairs, scored."""
        cross, inside = (
            [item.by(scorer.score(item.levels)) for item in group]
            for group in (self.cross, self.inside)
        )
        return replace(self, cross=cross, inside=inside)

    def threshold(
        self, *, fallback: float, lenient: bool = False, taught: bool = False
    ) -> Threshold:
        """Threshold without truth; the ``lenient`` one trusts that no look-alike was displaced.

        ``taught``: the pairs were scored by the taught scorer, so its doubts count.
        """
        inside = {id(item.scored.a): item.scored.pairs.score for item in self.inside}
        doubting = self.taught if taught else None
        evidence = [self._evidence(item.scored, inside, doubting) for item in self.cross]
        if self.salted and not lenient:
            evidence = [
                _roomy(item.scored, found) for item, found in zip(self.cross, evidence, strict=True)
            ]
        return thresholds.choose(evidence, fallback=fallback)

    def _evidence(
        self, item: Scored, inside: dict[int, Scores], doubting: Taught | None
    ) -> Evidence:
        within = [inside[id(side)] for side in (item.a, item.b) if id(side) in inside]
        links = linked(item)
        return evidence_of(
            item.pairs,
            links,
            np.concatenate(within) if any(map(len, within)) else None,
            (len(item.a), len(item.b)),
            doubt=None if doubting is None else doubting.doubt(item.pairs.score[links]),
        )


def _roomy(item: Scored, evidence: Evidence) -> Evidence:
    """The evidence with the room that look-alikes have in thinned views."""
    first = thresholds.choose([evidence], fallback=0.0)
    found = room(item.pairs, linked(item), evidence.sizes, trusted_from=first.match)
    return replace(evidence, room=found)


def judged(scored: Scored, levels: Levels) -> Judged:
    """Candidate pairs with what is known about them before any scorer."""
    return Judged(scored, levels, identifier_bits(scored))


def start(field: Field) -> Field:
    """Scores before anything is learned: how alike two records look."""
    cross, inside = (
        [item.by(likeness(item.levels, field.columns)) for item in group]
        for group in (field.cross, field.inside)
    )
    return replace(field, cross=cross, inside=inside)


def train(field: Field, kind: ScorerKind, *, rounds: int = ROUNDS) -> Scorer | None:
    """Learn a scorer from scored pairs; None when there are too few links to learn from.

    The first round always is Fellegi-Sunter: it has the least to learn and so ranks well from a poor
    start, from which the others would only learn to confirm it. Deterministic: nothing is drawn at
    random. A taught scorer learns nothing here.
    """
    if kind is ScorerKind.TAUGHT:
        enough = np.isfinite(field.threshold(fallback=np.inf, lenient=True).match)
        return field.taught if enough else None
    scorer: Scorer | None = None
    for kind_now in (ScorerKind.FELLEGI_SUNTER, *[kind] * rounds):
        threshold = field.threshold(fallback=np.inf, lenient=True)
        if not np.isfinite(threshold.match):
            return scorer
        scorer = _fitted(field, kind_now, threshold.match)
        field = field.by(scorer)
    return scorer


def _fitted(field: Field, kind: ScorerKind, cut: float) -> Scorer:
    if kind is ScorerKind.FELLEGI_SUNTER:
        return _weighed(field, cut)
    lessons = [_lesson(item, cut) for item in field.cross]
    lessons += [_apart(item, cut) for item in field.inside]
    levels = np.concatenate([levels for levels, _ in lessons])
    matching = np.concatenate([matching for _, matching in lessons])
    step = max(len(levels) // MOST, 1)
    levels, matching = levels[::step], matching[::step]
    return _FITS[kind](levels, matching, np.ones(len(levels)), field.columns.sizes)


def _weighed(field: Field, cut: float) -> Scorer:
    """Fellegi-Sunter weights of the trusted links against the candidates that lost to a link.

    Without expectation maximization: among many look-alikes and few matches (small overlap) it takes
    the households for the class of matches.
    """
    links = np.concatenate([linked(item.scored) for item in field.cross])
    score = np.concatenate([item.scored.pairs.score for item in field.cross])
    levels = np.concatenate([item.levels for item in field.cross])
    return weigh(levels[links & (score >= cut)], levels[~links], field.columns.sizes)


def _lesson(item: Judged, cut: float) -> tuple[Levels, Scores]:
    """Trusted links match; what lost to any link does not; the other links teach nothing."""
    links = linked(item.scored)
    taught = ~links | (item.scored.pairs.score >= cut)
    return item.levels[taught], links[taught].astype(np.float64)


def _apart(item: Judged, cut: float) -> tuple[Levels, Scores]:
    """Pairs inside a source do not match, unless they look like one patient registered twice."""
    taught = item.scored.pairs.score < cut
    return item.levels[taught], np.zeros(int(taught.sum()))
