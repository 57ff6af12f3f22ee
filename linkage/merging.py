"""Merging: clusters of a linkage, and the duplicates of the sources that may hold a person several times.

Where a source is named as one with duplicates, its look-alikes join from a score of their own on. Two
records of one source are one person far more rarely than two records that lost to no other are, so the
score from which they match lies higher: links between sources show which scores true pairs reach, what is
alike inside beyond that is relatives. No truth is needed; sources that are not named stay one record a
person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from linkage.candidates import Side
from linkage.classify import Classified
from linkage.cluster import Clusters, Link, RecordNumber, Rules, SourceNumber, group
from linkage.comparison import source_of
from linkage.encoded_score import Scored
from linkage.evaluate import NamedPair, NamedRecord, pair
from linkage.kernel import PairTable
from linkage.refusals import UnknownSource
from linkage.thresholds import FEWEST_LINKS, Scores, at_least

Split = tuple[Scored, Classified]
"""Candidates of two sources, and what they were taken for."""
_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Constraints:
    """Which ``sources`` hold persons several times, and which pairs of records never meet."""

    duplicates: frozenset[str] = _NONE
    kept_apart: Collection[NamedPair] = ()

    def require(self, names: Sequence[str]) -> None:
        """Pass if every source with duplicates is one of the linkage.

        Raises:
            UnknownSource: otherwise.
        """
        for name in sorted(self.duplicates - set(names)):
            raise UnknownSource(name)


@dataclass(frozen=True, slots=True)
class Merged:
    """Pairs beyond one to one: inside sources, and between sources where one has duplicates.

    ``cut``: the score from which they join, by source; infinite where nothing suggests duplicates.
    """

    pairs: tuple[Scored, ...]
    cut: Mapping[str, float]

    @property
    def inside(self) -> int:
        """How many of the pairs lie inside a source."""
        return sum(len(item.pairs) for item in self.pairs if item.a is item.b)


def merge_from(links: Scores, inside: Scores, match: float) -> float:
    """The score from which look-alikes inside a source are one person, at least ``match``.

    ``links``: scores of the one-to-one links between sources, ``inside``: of the look-alikes. The upper
    half of the links tells how many duplicates there are, the links how their scores are spread; the
    cut is the one with the best expected F1. With too few links to tell, ``match``.
    """
    trusted = links[links >= match]
    if len(trusted) < FEWEST_LINKS:
        return match
    half = float(np.median(trusted))
    expected = float((inside >= half).sum() / (trusted >= half).sum()) * len(trusted)
    cuts = np.unique(inside[inside >= match])[::-1]
    if not expected or not len(cuts):
        return np.inf
    found = at_least(inside, cuts)
    true = np.minimum(at_least(trusted, cuts) / len(trusted) * expected, found)
    return float(cuts[np.argmax(2 * true / (found + expected))])


def merged(
    found: Sequence[Split], inside: Sequence[Scored], constraints: Constraints, match: float
) -> Merged:
    """What joins the links because its source has duplicates."""
    links = np.concatenate([split.matches.score for _, split in found])
    own = [item for item in inside if source_of(item.a) in constraints.duplicates]
    cut = {source_of(item.a): merge_from(links, item.pairs.score, match) for item in own}
    pairs = [_from(item, item.pairs, cut[source_of(item.a)]) for item in own]
    for item, split in found:
        at = max(cut.get(source_of(item.a), -np.inf), cut.get(source_of(item.b), -np.inf))
        if np.isfinite(at):
            pairs.append(_from(item, _beaten(item.pairs, split.matches), at))
    return Merged(tuple(pairs), cut)


def standing(more: Merged, clusters: Clusters, sides: Sequence[Side]) -> Merged:
    """The pairs that stand in one cluster: those that a constraint passed over were not merged."""
    starts = dict(zip(map(source_of, sides), _starts(sides), strict=True))
    of = np.array(clusters.of, dtype=np.int64)
    kept = []
    for item in more.pairs:
        first, second = starts[source_of(item.a)], starts[source_of(item.b)]
        same = of[first + item.pairs.rows_a] == of[second + item.pairs.rows_b]
        kept.append(Scored(item.a, item.b, item.pairs.select(same)))
    return Merged(tuple(kept), more.cut)


def without_apart(item: Scored, apart: Collection[NamedPair]) -> Scored:
    """The candidates but those whose records are kept apart."""
    if not apart:
        return item
    rows = _rows_of(item, apart)
    keys = item.pairs.rows_a.astype(np.int64) << 32 | item.pairs.rows_b
    kept = ~np.isin(keys, rows)
    alike = None if item.alike is None else item.alike[kept]
    return Scored(item.a, item.b, item.pairs.select(kept), alike)


def clusters_of(
    sides: Sequence[Side], links: Sequence[Scored], constraints: Constraints
) -> tuple[Clusters, list[NamedRecord]]:
    """Clusters by links, records numbered through all sources in their order; and their names."""
    names = [(source_of(side), str(name)) for side in sides for name in side.encodings.record_ids]
    starts = dict(zip(map(source_of, sides), _starts(sides), strict=True))
    sources = [SourceNumber(number) for number, side in enumerate(sides) for _ in range(len(side))]
    joined = [link for item in links for link in _links(item, starts)]
    return group(sources, joined, rules=_rules(sides, names, constraints)), names


def pairs_within(members: Collection[Sequence[NamedRecord]]) -> set[NamedPair]:
    """All pairs of records that stand in one cluster."""
    return {pair(*two) for records in members for two in combinations(records, 2)}


def _rules(sides: Sequence[Side], names: Sequence[NamedRecord], constraints: Constraints) -> Rules:
    several = [
        SourceNumber(number)
        for number, side in enumerate(sides)
        if source_of(side) in constraints.duplicates
    ]
    if not constraints.kept_apart:
        return Rules(several=several)
    number_of = {name: RecordNumber(number) for number, name in enumerate(names)}
    known = [two for two in constraints.kept_apart if all(name in number_of for name in two)]
    return Rules([(number_of[a], number_of[b]) for a, b in known], several)


def _starts(sides: Sequence[Side]) -> list[int]:
    return [0, *np.cumsum([len(side) for side in sides]).tolist()][:-1]


def _links(item: Scored, starts: Mapping[str, int]) -> Iterator[Link]:
    a, b = starts[source_of(item.a)], starts[source_of(item.b)]
    pairs = item.pairs
    columns = pairs.rows_a.tolist(), pairs.rows_b.tolist(), pairs.score.tolist()
    for i, j, score in zip(*columns, strict=True):
        yield Link(RecordNumber(a + i), RecordNumber(b + j), score)


def _from(item: Scored, pairs: PairTable, cut: float) -> Scored:
    return Scored(item.a, item.b, pairs.select(pairs.score >= cut))


def _beaten(pairs: PairTable, matches: PairTable) -> PairTable:
    every, chosen = ((of.rows_a.astype(np.int64) << 32) | of.rows_b for of in (pairs, matches))
    return pairs.select(~np.isin(every, chosen))


def _rows_of(item: Scored, apart: Collection[NamedPair]) -> list[int]:
    """Keys (row_a << 32 | row_b) of the pairs of these two sides."""
    a, b = (
        {(source_of(side), str(name)): row for row, name in enumerate(side.encodings.record_ids)}
        for side in (item.a, item.b)
    )
    both = [two for one, other in apart for two in ((one, other), (other, one))]
    return [(a[x] << 32) | b[y] for x, y in both if x in a and y in b]
