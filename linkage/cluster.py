"""Clusters: every record in exactly one; a cluster only ever grows, it never loses a record.

Records are numbered; a cluster's ID is the number of its oldest (first) record, so it survives
every extension and every join into an older cluster. Strong links are taken first (Saeedi, Peukert
and Rahm 2017, clean-source clustering): a link is passed over when it would put two records of one
source, or two records that are kept apart, into one cluster.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NewType

RecordNumber = NewType("RecordNumber", int)
"""A record of any source: its place in the order in which records became known."""
SourceNumber = NewType("SourceNumber", int)
"""A source: its place in the order of sources."""
ClusterId = NewType("ClusterId", int)
"""A cluster: the number of its oldest record."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Two records held to be one person, the more surely the higher the score."""

    first: RecordNumber
    second: RecordNumber
    score: float


@dataclass(frozen=True, slots=True)
class Rules:
    """What clusters must not contain.

    ``kept_apart``: pairs that must not meet, not even by way of others. ``several``: sources that
    may have more than one record of a person.
    """

    kept_apart: Collection[tuple[RecordNumber, RecordNumber]] = ()
    several: Collection[SourceNumber] = ()


@dataclass(frozen=True, slots=True)
class Clusters:
    """``of[record]`` is the cluster of each record; ``sources[record]`` the source it came from."""

    of: tuple[ClusterId, ...]
    sources: tuple[SourceNumber, ...]

    def members(self) -> dict[ClusterId, tuple[RecordNumber, ...]]:
        """Records of every cluster, oldest first; clusters by ID."""
        found: dict[ClusterId, list[RecordNumber]] = {}
        for number, cluster in enumerate(self.of):
            found.setdefault(cluster, []).append(RecordNumber(number))
        return {cluster: tuple(records) for cluster, records in found.items()}


class _Growing:
    """Union-find over records that knows the sources and the enemies of every cluster."""

    def __init__(self, sources: Sequence[SourceNumber], rules: Rules) -> None:
        self._parent = list(range(len(sources)))
        several = frozenset(rules.several)
        self._sources = [{source} - several for source in sources]
        self._apart: dict[int, set[int]] = {}
        for first, second in rules.kept_apart:
            self._apart.setdefault(first, set()).add(second)
            self._apart.setdefault(second, set()).add(first)

    def root(self, record: int) -> int:
        while self._parent[record] != record:
            self._parent[record] = self._parent[self._parent[record]]
            record = self._parent[record]
        return record

    def may_join(self, first: int, second: int) -> bool:
        if not self._sources[first].isdisjoint(self._sources[second]):
            return False
        return all(self.root(enemy) != second for enemy in self._apart.get(first, ()))

    def join(self, first: int, second: int) -> None:
        older, younger = sorted((first, second))
        self._parent[younger] = older
        self._sources[older] |= self._sources[younger]
        if younger in self._apart:
            self._apart.setdefault(older, set()).update(self._apart.pop(younger))


def extend(
    clusters: Clusters,
    links: Iterable[Link],
    *,
    sources: Sequence[SourceNumber] = (),
    rules: Rules | None = None,
) -> Clusters:
    """Add records (one per entry of ``sources``) and links; existing clusters grow or join.

    Deterministic: the order of ``links`` does not matter, only their scores and record numbers do.
    A kept-apart pair that already shares a cluster stays where it is: parting it takes a decision.
    """
    every = (*clusters.sources, *sources)
    growing = _Growing(every, rules or Rules())
    for number, cluster in enumerate(clusters.of):
        if growing.root(number) != growing.root(cluster):
            growing.join(growing.root(number), growing.root(cluster))
    for link in sorted(links, key=lambda link: (-link.score, *sorted((link.first, link.second)))):
        first, second = growing.root(link.first), growing.root(link.second)
        if first != second and growing.may_join(first, second):
            growing.join(first, second)
    return Clusters(tuple(ClusterId(growing.root(number)) for number in range(len(every))), every)


def group(
    sources: Sequence[SourceNumber], links: Iterable[Link], *, rules: Rules | None = None
) -> Clusters:
    """Cluster records (one per entry of ``sources``) by their links, as `extend` from nothing."""
    return extend(Clusters((), ()), links, sources=sources, rules=rules)
