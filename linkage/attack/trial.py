"""Trial: one attack on one twin, from the encodings to the number of persons found again.

The attacker knows all public parameters and a sample of the population in clear; he encodes it under
a key of his own. He does not stop where the rank audit finds nothing: then he uses the leading
components anyhow, so that every figure is a measurement and none an assumption.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.alignment import ROUNDS, Aligned, Pictures, from_components, from_signatures
from linkage.attack.columns import Matrix, centered, filled, stacked
from linkage.attack.errors import AttackTooSmall
from linkage.attack.intervals import Share
from linkage.attack.known import from_known_pairs
from linkage.attack.signatures import prior, signatures
from linkage.attack.spectrum import spectrum
from linkage.attack.twin import LEAST, Twin, encoded, make_twin, without
from linkage.encode import EncodingSet, Words
from linkage.schema import LinkageSchema
from linkage.schema.layouts import columns_of

STEPS: Final = 3 * ROUNDS + 6
"""Ticks of progress of one trial."""
_FEWEST: Final = 20
_CONVINCED: Final = 0.1
_SUREST: Final = 100

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one attack found.

    ``recall``: persons on both sides whose best guess is right; ``known``: the same with some pairs
    known beforehand, those left out; ``own``: the pairs on which every picture without one field
    agrees; ``surest``: the 100 guesses the attacker is surest of.
    """

    n: int
    overlap: float
    seed: int
    rank: int
    recall: Share
    known: Share
    known_pairs: int
    own: Share
    surest: Share


def memory(n: int, bits: int) -> int:
    """Bytes a trial takes at most: 26 n² for the tables of all pairs, and the bits as numbers."""
    return 26 * n * n + 12 * n * bits + 40 * bits * bits


def attack(
    schema: LinkageSchema,
    n: int,
    overlap: float,
    *,
    seed: int,
    known_pairs: int = 50,
    tick: Tick = lambda: None,
) -> Trial:
    """Attack a twin of the schema; the same arguments give the same result on one machine.

    Raises:
        AttackTooSmall: fewer than 200 persons a side.
        NoTwin: the schema has a column for which no values can be made up.
    """
    if n < LEAST:
        raise AttackTooSmall(LEAST)
    twin = make_twin(schema, n, overlap, seed=seed)
    return attack_twin(twin, schema, overlap, seed=seed, known_pairs=known_pairs, tick=tick)


def attack_twin(
    twin: Twin,
    schema: LinkageSchema,
    overlap: float,
    *,
    seed: int,
    known_pairs: int,
    tick: Tick = lambda: None,
) -> Trial:
    """Attack persons made up beforehand, as `attack` does."""
    target = encoded(twin.target, schema, seed=seed, side="target")
    pictures, rank = _pictures(twin, target, schema, seed)
    rng = np.random.default_rng(seed)
    best = _best(pictures, rng, tick)
    with_pairs, pairs = _with_known_pairs(pictures, twin, known_pairs, rng, tick)
    recall, surest = _judged(best.score, twin.owner, twin.owner >= 0)
    own = Share(sum(int(twin.owner[b]) == a for a, b in best.own), len(best.own))
    return Trial(len(twin.target), overlap, seed, rank, recall, with_pairs, pairs, own, surest)


def _pictures(
    twin: Twin, target: EncodingSet, schema: LinkageSchema, seed: int
) -> tuple[Pictures, int]:
    mine = encoded(twin.known, schema, seed=seed, side="attacker")
    a, b = filled(mine), filled(target)
    spectra = spectrum(a, seed=seed), spectrum(b, seed=seed)
    rank = max(spectra[0].rank, spectra[1].rank)
    count = max(min(spectra[0].rank, spectra[1].rank), _FEWEST)
    known, scale = _coordinates(a, spectra[0].directions[:, :count])
    others = []
    for column in _spared(schema):
        less = encoded(without(twin.known, column), schema, seed=seed, side="attacker")
        others.append(centered(stacked(less)) @ spectra[0].directions[:, :count] / scale)
    coordinates, _ = _coordinates(b, spectra[1].directions[:, :count])
    likeness = prior(signatures(a), signatures(b))
    return Pictures(known, others, coordinates, likeness), rank


def _spared(schema: LinkageSchema) -> list[str]:
    """Columns that can be left out: without one that is in every salt nothing would be encoded."""
    salts = [{part.column for part in columns_of(view.salt)} for view in schema.salted]
    always = set.intersection(*salts) if salts else set()
    return [column for column in schema.columns if column not in always]


def _coordinates(words: Words, directions: Matrix) -> tuple[Matrix, Matrix]:
    """Whitened coordinates (n, d), and the deviations they were divided by."""
    raw = centered(words) @ directions
    scale = np.maximum(raw.std(axis=0), 1e-9)
    return raw / scale, scale


def _best(pictures: Pictures, rng: np.random.Generator, tick: Tick) -> Aligned:
    """Start after start until the drop-outs agree on a tenth; else the one they agree on most."""
    best = from_components(pictures, rng, tick)
    if len(best.own) > _CONVINCED * len(pictures.target):
        return best
    for start in (_again(rng), from_signatures):
        other = start(pictures, tick)
        best = other if len(other.own) > len(best.own) else best
        if len(best.own) > _CONVINCED * len(pictures.target):
            break
    return best


def _again(rng: np.random.Generator) -> Callable[[Pictures, Tick], Aligned]:
    return lambda pictures, tick: from_components(pictures, rng, tick)


def _with_known_pairs(
    pictures: Pictures, twin: Twin, count: int, rng: np.random.Generator, tick: Tick
) -> tuple[Share, int]:
    """Success on the other persons once ``count`` true pairs, at most half of them, are known."""
    both = np.flatnonzero(twin.owner >= 0)
    told = rng.permutation(both)[: min(count, len(both) // 2)]
    if not len(told):
        return Share(0, 0), 0
    score = from_known_pairs(pictures.known, pictures.target, twin.owner[told], told, tick)
    asked = twin.owner >= 0
    asked[told] = False
    return _judged(score, twin.owner, asked)[0], len(told)


def _judged(
    score: Matrix, owner: NDArray[np.intp], asked: NDArray[np.bool_]
) -> tuple[Share, Share]:
    guess = score.argmax(axis=0)
    right = guess == owner
    surest = np.argsort(-score.max(axis=0), kind="stable")[:_SUREST]
    return (
        Share(int(right[asked].sum()), int(asked.sum())),
        Share(int(right[surest].sum()), len(surest)),
    )
