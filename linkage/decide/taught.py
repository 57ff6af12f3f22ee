"""Taught scorers: what made-up patients taught about shipped schemas, for sources with few links.

A scorer that trains itself needs thousands of links it can trust, and at little overlap there are
too few; it then learns that whoever has errors is nobody. How filters of a shipped schema look alike
can be learned once, from made-up patients whose truth is known. The odds of a true link differ from
linkage to linkage; they are found by expectation maximization over the links at hand (Saerens, Latinne
and Decaestecker 2002).

Links are doubted by a lesson of their own: most of what looks alike and is false is a relative of
somebody who is linked, and lost to that link. A score says more for a link than for any candidate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.decide.logistic import Logistic
from linkage.fellegi_sunter import Levels
from linkage.schema import LinkageSchema

LESSONS: Final = "taught-2026-11.json"
"""The file of taught scorers in this package, by the fingerprint of their schema."""
_ROUNDS: Final = 200
_SETTLED: Final = 1e-9

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinkLesson:
    """Bits for a link by its score (``base + slope * score``), and the share that was true where taught."""

    base: float
    slope: float
    share: float


@dataclass(frozen=True, slots=True)
class Taught:
    """A logistic scorer of candidates, and what its scores say about those that became links."""

    scorer: Logistic
    links: LinkLesson

    @property
    def base(self) -> float:
        """Bits before any column is looked at."""
        return self.scorer.base

    def score(self, levels: Levels) -> Values:
        """Bits of each comparison."""
        return self.scorer.score(levels)

    def parts(self, levels: Levels) -> Values:
        """Summands (pairs, columns) in bits."""
        return self.scorer.parts(levels)

    def doubt(self, scores: Values) -> Values:
        """Chance that each link is false, given the scores of all links."""
        if not len(scores):
            return np.zeros(0)
        taught, share = self.links, self.links.share
        evidence = taught.base + taught.slope * scores - _odds(share)
        for _ in range(_ROUNDS):
            match = 1 / (1 + np.exp2(-np.clip(evidence + _odds(share), -500, 500)))
            before, share = share, float(np.clip(match.mean(), 1e-6, 1 - 1e-6))
            if abs(share - before) < _SETTLED:
                break
        return np.asarray(1 - match)


def taught_for(schema: LinkageSchema) -> Taught | None:
    """The taught scorer of a shipped schema; None for any other."""
    return _lessons().get(schema.fingerprint)


@cache
def _lessons() -> dict[str, Taught]:
    text = resources.files("linkage").joinpath("data", LESSONS).read_text("utf-8")
    return {
        fingerprint: Taught(
            Logistic(item["base"], tuple(np.array(table) for table in item["tables"])),
            LinkLesson(**item["links"]),
        )
        for fingerprint, item in json.loads(text)["scorers"].items()
    }


def _odds(share: float) -> float:
    return float(np.log2(share / (1 - share)))
