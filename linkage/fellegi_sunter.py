"""Fellegi-Sunter: how much each level of agreement speaks for a match, estimated without truth.

A comparison is a row of small integers, one per field: 0 is missing, higher is better agreement.
Fields are taken to be independent within each class; fields that are not (postcode and city) must
be made one before. Source: Fellegi and Sunter 1969; EM after Winkler 1988.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int8]
"""Comparisons (pairs, fields); 0 is missing."""
Distribution = NDArray[np.float64]
"""Probabilities of the levels 1, 2, … of one field, given that it is not missing."""

ROUNDS: Final = 200
_SETTLED: Final = 1e-7
_PRIOR_COUNT: Final = 0.5
"""Added to every level's count, so that no level is impossible."""


@dataclass(frozen=True, slots=True)
class Model:
    """Estimated distributions: ``m`` among matches, ``u`` among unrelated pairs, one per field.

    ``share`` is the estimated share of matches among the candidate pairs it was fitted on.
    """

    m: tuple[Distribution, ...]
    u: tuple[Distribution, ...]
    share: float

    def weights(self) -> tuple[NDArray[np.float64], ...]:
        """Bits for every level of every field, log2(m / u); index 0 (missing) is 0."""
        return tuple(
            np.concatenate([[0.0], np.log2(m / u)]) for m, u in zip(self.m, self.u, strict=True)
        )

    def score(self, levels: Levels) -> NDArray[np.float64]:
        """Total weight in bits of each comparison."""
        return np.asarray(self.parts(levels).sum(axis=1))

    def parts(self, levels: Levels) -> NDArray[np.float64]:
        """Summands of the score (pairs, fields) in bits."""
        columns = [weights[levels[:, field]] for field, weights in enumerate(self.weights())]
        return np.stack(columns, axis=1)

    @property
    def base(self) -> float:
        """Bits before any field is looked at: none."""
        return 0.0


def fit(
    candidates: Levels,
    unrelated: Levels,
    sizes: tuple[int, ...],
    *,
    likely: NDArray[np.bool_],
    rounds: int = ROUNDS,
) -> Model:
    """Estimate a model by expectation maximization over counted patterns.

    ``candidates``: comparisons of which some are matches; ``unrelated``: comparisons of pairs that
    are not; ``sizes``: number of levels of each field besides missing; ``likely``: a first guess of
    which candidates match. Non-matches among candidates are more alike than unrelated pairs, so
    they get a distribution of their own, which is dropped: weights compare with ``unrelated``.
    """
    patterns, place, counts = np.unique(candidates, axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    posterior = np.bincount(place, likely, len(patterns)) / counts
    posterior = np.clip(posterior, 0.02, 0.98)
    u = _distributions(unrelated, np.ones(len(unrelated)), sizes)
    for _ in range(rounds):
        matched = counts * posterior
        m = _distributions(patterns, matched, sizes)
        other = _distributions(patterns, counts - matched, sizes)
        share = min(max(float(matched.sum() / max(counts.sum(), 1)), 1e-6), 1 - 1e-6)
        updated = _posterior(patterns, m, other, share)
        settled = float(np.abs(updated - posterior).max(initial=0.0)) < _SETTLED
        posterior = updated
        if settled:
            break
    return Model(m, u, share)


def weigh(matches: Levels, others: Levels, sizes: tuple[int, ...]) -> Model:
    """A model of comparisons that are held to match and of others that are known not to."""
    m, u = (_distributions(of, np.ones(len(of)), sizes) for of in (matches, others))
    return Model(m, u, len(matches) / max(len(matches) + len(others), 1))


def _distributions(
    levels: Levels, weight: NDArray[np.float64], sizes: tuple[int, ...]
) -> tuple[Distribution, ...]:
    made = []
    for field, size in enumerate(sizes):
        counts = np.bincount(levels[:, field], weight, size + 1)[1:] + _PRIOR_COUNT
        made.append(counts / counts.sum())
    return tuple(made)


def _posterior(
    patterns: Levels, m: tuple[Distribution, ...], u: tuple[Distribution, ...], share: float
) -> NDArray[np.float64]:
    odds = np.full(len(patterns), np.log(share / (1 - share)))
    for field, (match, other) in enumerate(zip(m, u, strict=True)):
        ratio = np.concatenate([[0.0], np.log(match / other)])
        odds += ratio[patterns[:, field]]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500))))


def as_table(model: Model, fields: Mapping[str, tuple[int, ...]]) -> dict[str, dict[int, float]]:
    """Weights by field and original level; ``fields`` lists each field's levels in order."""
    return {
        name: {
            level: round(float(bits), 2) for level, bits in zip(levels, weights[1:], strict=True)
        }
        for (name, levels), weights in zip(fields.items(), model.weights(), strict=True)
    }
