"""Result: links, possible matches and clusters of a linkage, and what is known about them."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linkage.classify import Outcome
from linkage.cluster import ClusterId
from linkage.evaluate import NamedPair, NamedRecord, pair
from linkage.explain import Workings
from linkage.records import RecordId

LINK_COLUMNS: Final = ("source_a", "record_a", "source_b", "record_b", "score", "outcome")
CLUSTER_COLUMNS: Final = ("cluster", "source", "record")


@dataclass(frozen=True, slots=True)
class LinkedPair:
    """Two records of two sources, their score and what it was taken for."""

    source_a: str
    record_a: RecordId
    source_b: str
    record_b: RecordId
    score: float
    outcome: Outcome

    @property
    def named(self) -> NamedPair:
        """The pair in the form `evaluate` compares."""
        return pair((self.source_a, self.record_a), (self.source_b, self.record_b))


@dataclass(frozen=True, slots=True)
class LinkResult:
    """Everything a linkage found.

    ``links``: matches after one-to-one selection; ``possible``: pairs for review, which may repeat
    records; ``clusters``: every record once, by cluster; ``report``: figures as JSON; ``workings``:
    every candidate pair and how it got its score; ``inside``: the look-alikes that were judged inside
    sources with duplicates, by their scores alone.
    """

    links: tuple[LinkedPair, ...]
    possible: tuple[LinkedPair, ...]
    clusters: Mapping[ClusterId, tuple[NamedRecord, ...]]
    report: Mapping[str, object]
    workings: tuple[Workings, ...] = ()
    inside: tuple[Workings, ...] = ()

    def links_csv(self) -> str:
        """Matches, then possible matches, as CSV with a header."""
        both = (*self.links, *self.possible)
        return _csv(LINK_COLUMNS, (_row(found) for found in both))

    def clusters_csv(self) -> str:
        """Every record once with its cluster, as CSV with a header."""
        rows = (
            (number, *record) for number, members in self.clusters.items() for record in members
        )
        return _csv(CLUSTER_COLUMNS, rows)

    def report_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.report, indent=2) + "\n"


def _row(found: LinkedPair) -> Sequence[object]:
    names = found.source_a, found.record_a, found.source_b, found.record_b
    return (*names, f"{found.score:.6f}", str(found.outcome))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def ordered(pairs: Iterable[LinkedPair]) -> Iterator[LinkedPair]:
    """Pairs by source, then falling score, then record: the order of `links.csv`."""
    return iter(
        sorted(pairs, key=lambda p: (p.source_a, p.source_b, -p.score, p.record_a, p.record_b))
    )
