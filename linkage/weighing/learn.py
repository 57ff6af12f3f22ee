"""Learn: the model of a register from its own records, without truth, by expectation maximization over four classes.

Candidates hold nearly all pairs of one person and of kin; pairs that are no candidates are strangers. What strangers
look like is read off random pairs. The former model is the prior, worth `PRIOR_PAIRS` pairs per class and field, so
that little stock changes little. Source: Winkler 1988; Dempster, Laird and Rubin 1977.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.comparators import Prepared
from linkage.weighing.agreement import FIELDS, Agreement
from linkage.weighing.frequencies import Frequencies
from linkage.weighing.model import BY_VALUE, KIN, Distribution, Distributions, WeighingModel
from linkage.weighing.weigh import observed

Floats = NDArray[np.float64]

ROUNDS: Final = 100
PRIOR_PAIRS: Final = 200.0
_SETTLED: Final = 1e-4
_SMALLEST: Final = 1e-6
_LEARNED: Final = ("same", *KIN)


@dataclass(frozen=True, slots=True)
class Observations:
    """Compared pairs: ``levels`` (pairs, fields of `FIELDS`) and ``bits`` (pairs) of values in common.

    ``numbers`` (pairs): bits of insurance numbers, which speak of one person or not, never of kin.
    """

    levels: NDArray[np.int8]
    bits: Floats
    numbers: Floats

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.levels)


@dataclass(frozen=True, slots=True)
class Learned:
    """A model and how it came about: pairs compared, and those expected to be one person, relatives and twins."""

    model: WeighingModel
    pairs: int
    same: float
    relatives: float
    twins: float


def observe(
    pairs: Iterable[tuple[Prepared, Prepared]], frequencies: Frequencies, model: WeighingModel
) -> Observations:
    """Compare pairs of records."""
    place = {field: number for number, field in enumerate(FIELDS)}
    rows: list[list[int]] = []
    bits: list[float] = []
    numbers: list[float] = []
    for first, second in pairs:
        seen, number = observed(first, second, frequencies, model)
        row = [0] * len(place)
        for field, agreement, _, _ in seen:
            row[place[field]] = int(agreement)
        rows.append(row)
        bits.append(sum(one[2] for one in seen))
        numbers.append(number)
    levels = np.array(rows, dtype=np.int8).reshape(len(rows), len(place))
    return Observations(levels, np.array(bits, dtype=float), np.array(numbers, dtype=float))


def learn(
    candidates: Observations,
    strangers: Observations,
    *,
    records: int,
    prior: WeighingModel,
    name: str,
) -> Learned:
    """The model of a register of ``records`` records from its candidate pairs and random pairs.

    Thresholds, numbers and identifiers are taken from the prior.
    """
    everywhere = np.ones(len(strangers))
    unlike = _distributions(strangers.levels, everywhere, prior.classes["strangers"])
    classes = {**prior.classes, "strangers": unlike}
    per_record = {"same": 0.3, **prior.kin}
    posterior = np.zeros((len(_LEARNED), len(candidates)))
    for _ in range(ROUNDS):
        before = posterior
        posterior = _posterior(candidates, classes, per_record, records)
        if float(np.abs(posterior - before).max(initial=0.0)) < _SETTLED:
            break
        per_record = _rates(posterior, prior, records)
        for row, of in enumerate(_LEARNED):
            classes[of] = _distributions(candidates.levels, posterior[row], prior.classes[of])
    same = _ordered(classes["same"], unlike)
    related = {of: _no_better(classes[of], same) for of in KIN}
    model = replace(
        prior,
        name=name,
        classes={"same": same, "strangers": unlike, **related},
        kin={of: per_record[of] for of in KIN},
    )
    sums = posterior.sum(axis=1).tolist()
    return Learned(model, len(candidates), *sums)


def _posterior(
    pairs: Observations,
    classes: dict[str, Distributions],
    per_record: dict[str, float],
    records: int,
) -> Floats:
    """Probability of each pair being of each learned class (classes, pairs)."""
    odds = np.stack(
        [
            np.log2(per_record[of] / records)
            + pairs.bits
            + (pairs.numbers if of == "same" else 0.0)
            + _ratios(pairs.levels, classes[of], classes["strangers"])
            for of in _LEARNED
        ]
    )
    odds = np.exp2(np.clip(odds, -500, 500))
    return np.asarray(odds / (1.0 + odds.sum(axis=0)))


def _ratios(levels: NDArray[np.int8], of: Distributions, strangers: Distributions) -> Floats:
    total = np.zeros(len(levels))
    for column, field in enumerate(FIELDS):
        by_value = BY_VALUE.get(field, ())
        table = np.zeros(len(Agreement))
        for agreement, share in of[field].items():
            against = 1.0 if agreement in by_value else strangers[field][agreement]
            table[agreement] = np.log2(share / against)
        total += table[levels[:, column]]
    return total


def _rates(posterior: Floats, prior: WeighingModel, records: int) -> dict[str, float]:
    """Pairs per record of each class, twice; kin lean on the prior."""
    found = 2.0 * posterior.sum(axis=1) / records
    rates = dict(zip(_LEARNED, found.tolist(), strict=True))
    lean = PRIOR_PAIRS / (PRIOR_PAIRS + records)
    return {
        of: max(rate * (1 - lean) + prior.kin.get(of, rate) * lean, _SMALLEST)
        for of, rate in rates.items()
    }


def _distributions(levels: NDArray[np.int8], weight: Floats, prior: Distributions) -> Distributions:
    made: dict[str, Distribution] = {}
    for column, field in enumerate(FIELDS):
        counts = np.bincount(levels[:, column], weight, len(Agreement))
        counted = {one: counts[one] + PRIOR_PAIRS * prior[field][one] for one in FIELDS[field]}
        total = sum(counted.values())
        made[field] = {
            one: float(min(max(count / total, _SMALLEST), 1 - _SMALLEST))
            for one, count in counted.items()
        }
    return made


def _ordered(same: Distributions, strangers: Distributions) -> Distributions:
    """Distributions in which better agreement never weighs less: neighbors that do are given one weight."""
    made: dict[str, Distribution] = {}
    for field, levels in FIELDS.items():
        free = [one for one in levels if one not in BY_VALUE.get(field, ())]
        made[field] = {**same[field], **_pooled(free, same[field], strangers[field])}
    return made


def _no_better(kin: Distributions, same: Distributions) -> Distributions:
    """Distributions of kin in which better agreement never speaks for kin rather than for one person."""
    return {
        field: _pooled(levels[::-1], kin[field], same[field]) for field, levels in FIELDS.items()
    }


def _pooled(
    levels: Sequence[Agreement], of: Distribution, against: Distribution
) -> dict[Agreement, float]:
    """``of`` with a ratio to ``against`` that never falls along the levels (pool adjacent violators)."""
    blocks: list[list[Agreement]] = []
    for one in levels:
        blocks.append([one])
        while len(blocks) > 1 and _ratio(blocks[-2], of, against) > _ratio(blocks[-1], of, against):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return {
        one: min(max(_ratio(block, of, against) * against[one], _SMALLEST), 1 - _SMALLEST)
        for block in blocks
        for one in block
    }


def _ratio(block: Sequence[Agreement], of: Distribution, against: Distribution) -> float:
    return sum(of[one] for one in block) / sum(against[one] for one in block)
