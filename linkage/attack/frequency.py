"""Frequency: values and persons behind equal encodings, found by counting and by graphs.

Works without a key on everything deterministic, diffused or not: equal encodings have frequencies,
frequencies have ranks, and ranks have names. Values of fields are also aligned like persons are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.attack.alignment import Pictures, from_components, from_signatures
from linkage.attack.columns import Matrix, centered
from linkage.attack.equality import (
    Labels,
    largest_component,
    numbered,
    refined,
    unique_rows,
    visible,
)
from linkage.attack.intervals import Share
from linkage.attack.signatures import prior, signatures
from linkage.attack.spectrum import spectrum
from linkage.attack.twin import LEAST, encoded, make_twin
from linkage.encode import EncodingSet, Words
from linkage.schema import LinkageSchema

_FEW: Final = 0.9
"""Share of distinct values below which a filter has values rather than persons."""


@dataclass(frozen=True, slots=True)
class Deterministic:
    """What equality gave away on one twin.

    ``by_rank``, ``by_alignment``: records whose value is decoded, by filter or token; ``refined``:
    persons on both sides found by color refinement; ``known``: with 50 pairs known, by following
    shared values; ``unique``: target records the graph alone tells apart; ``component``: target
    records in the largest connected set.
    """

    n: int
    overlap: float
    seed: int
    by_rank: Mapping[str, Share]
    by_alignment: Mapping[str, Share]
    refined: Share
    known: Share
    unique: Share
    component: int


def attack_equality(
    schema: LinkageSchema, n: int, overlap: float, *, seed: int, known_pairs: int = 50
) -> Deterministic:
    """Attack what is deterministic in a twin of the schema.

    Raises:
        NoTwin: the schema has a column for which no values can be made up.
    """
    twin = make_twin(schema, n, overlap, seed=seed)
    target = encoded(twin.target, schema, seed=seed, side="target")
    mine = encoded(twin.known, schema, seed=seed, side="attacker")
    truth = encoded(twin.target, schema, seed=seed, side="attacker")
    seen, sought = visible(mine), visible(target)
    colors = refined(seen), refined(sought)
    alone = unique_rows(colors[1])
    values = _together(mine, truth)
    rng = np.random.default_rng(seed)
    return Deterministic(
        n, overlap, seed,
        {name: _by_rank(*values[name], sought[name]) for name in sought},
        _by_alignment(mine, target, values, seed),
        _by_color(*colors, twin.owner),
        _by_following(seen, sought, twin.owner, known_pairs, rng),
        Share(int(alone.sum()), len(alone)),
        largest_component(sought),
    )  # fmt: skip


def _together(mine: EncodingSet, truth: EncodingSet) -> dict[str, tuple[Labels, Labels]]:
    """True values of both sides under one numbering, by name; thinned views may number apart."""
    found = {}
    for name, words in mine.filters.items():
        numbers = numbered(np.vstack([words, truth.filters[name]])) + 1
        here, there = numbers[: len(mine)], numbers[len(mine) :]
        found[f"filter {name}"] = (
            np.where(mine.present[name], here, 0),
            np.where(truth.present[name], there, 0),
        )
    for name, tokens in mine.exact.items():
        both = np.concatenate([tokens, truth.exact[name]])
        numbers = np.where(both != 0, numbered(both[:, None]) + 1, 0)
        found[f"token {name}"] = numbers[: len(mine)], numbers[len(mine) :]
    return found


def _by_rank(known: Labels, truth: Labels, seen: Labels) -> Share:
    """Guess that the i-th most frequent encoding is the i-th most frequent value."""
    mine, theirs = _ranked(known), _ranked(seen)
    guess = np.zeros(int(seen.max(initial=0)) + 1, dtype=np.int64)
    common = min(len(mine), len(theirs))
    guess[theirs[:common]] = mine[:common]
    asked = (seen > 0) & (truth > 0)
    return Share(int((guess[seen] == truth)[asked].sum()), int(asked.sum()))


def _ranked(labels: Labels) -> Labels:
    """Values from the most to the least frequent."""
    counts = np.bincount(labels, minlength=1)
    counts[0] = 0
    order = np.argsort(-counts, kind="stable")
    return order[counts[order] > 0].astype(np.int64)


def _by_alignment(
    mine: EncodingSet,
    target: EncodingSet,
    values: Mapping[str, tuple[Labels, Labels]],
    seed: int,
) -> dict[str, Share]:
    found = {}
    for name, words in target.filters.items():
        present = mine.present[name], target.present[name]
        sides = mine.filters[name][present[0]], words[present[1]]
        known, truth = (
            labels[kept] for labels, kept in zip(values[f"filter {name}"], present, strict=True)
        )
        distinct = [len(np.unique(numbered(side))) for side in sides]
        if min(distinct) >= LEAST and distinct[1] < _FEW * len(sides[1]):
            found[f"filter {name}"] = _decoded(*sides, known, truth, seed)
    return found


def _decoded(mine: Words, theirs: Words, known: Labels, truth: Labels, seed: int) -> Share:
    """Align the distinct filters of one field like persons; frequency joins the signature."""
    first, counts = _distinct(mine)
    second, places, others = _distinct_places(theirs)
    coordinates = [_whitened(words, seed) for words in (mine[first], theirs[second])]
    width = min(side.shape[1] for side in coordinates)
    a, b = (side[:, :width] for side in coordinates)
    described = [
        np.column_stack([signatures(words), np.repeat(np.log(count)[:, None], 8, axis=1)])
        for words, count in ((mine[first], counts), (theirs[second], others))
    ]
    likeness = prior(*(side.astype(np.float32) for side in described))
    pictures = Pictures(a, [], b, likeness)
    starts = (
        from_components(pictures, np.random.default_rng(seed), lambda: None),
        from_signatures(pictures, lambda: None),
    )
    best = max(starts, key=lambda start: float(start.score.max(axis=0).mean()))
    guess = known[first][best.score.argmax(axis=0)][places]
    return Share(int((guess == truth).sum()), len(truth))


def _distinct(words: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    _, first, counts = np.unique(numbered(words), return_index=True, return_counts=True)
    return first, counts


def _distinct_places(words: Words) -> tuple[NDArray[np.intp], Labels, NDArray[np.intp]]:
    _, first, places, counts = np.unique(
        numbered(words), return_index=True, return_inverse=True, return_counts=True
    )
    return first, places.astype(np.int64), counts


def _whitened(words: Words, seed: int) -> Matrix:
    found = spectrum(words, seed=seed)
    raw = centered(words) @ found.directions[:, : max(found.rank, 20)]
    return np.asarray(raw / np.maximum(raw.std(axis=0), 1e-9), dtype=np.float32)


def _by_color(
    known: NDArray[np.uint64], target: NDArray[np.uint64], owner: NDArray[np.intp]
) -> Share:
    """Records that have a color of their own on both sides are taken for one person."""
    alone = np.where(unique_rows(target), target, np.uint64(0))
    places = {color: row for row, color in enumerate(known.tolist()) if color}
    unique_known = unique_rows(known)
    guess = np.array([places.get(color, -1) for color in alone.tolist()])
    right = (guess >= 0) & unique_known[guess] & (guess == owner)
    return Share(int(right.sum()), int((owner >= 0).sum()))


def _by_following(
    seen: Mapping[str, Labels],
    sought: Mapping[str, Labels],
    owner: NDArray[np.intp],
    count: int,
    rng: np.random.Generator,
) -> Share:
    """From known pairs to the one other record that each shares a value with, and on from there."""
    both = np.flatnonzero(owner >= 0)
    told = rng.permutation(both)[: min(count, len(both) // 2)]
    guess = np.full(len(owner), -1)
    guess[told] = owner[told]
    groups = [(_members(seen[name]), _members(sought[name]), name) for name in sought]
    waiting = told.tolist()
    while waiting:
        row = waiting.pop()
        for mine, theirs, name in groups:
            left = [r for r in theirs.get(int(sought[name][row]), []) if guess[r] < 0]
            taken = set(guess[theirs.get(int(sought[name][row]), [])].tolist())
            right = [r for r in mine.get(int(seen[name][guess[row]]), []) if r not in taken]
            if len(left) == len(right) == 1:
                guess[left[0]] = right[0]
                waiting.append(left[0])
    asked = owner >= 0
    asked[told] = False
    return Share(int((guess == owner)[asked].sum()), int(asked.sum()))


def _members(labels: Labels) -> dict[int, list[int]]:
    """Records of each value that several share."""
    counts = np.bincount(labels)
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero((labels > 0) & (counts[labels] > 1)).tolist():
        found.setdefault(int(labels[row]), []).append(row)
    return found
