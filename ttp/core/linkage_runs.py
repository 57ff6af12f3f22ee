"""Linkage runs: clusters only grow: a run may enlarge persons or join two, never move a record out of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from linkage.cluster import ClusterId, Clusters, Link, RecordNumber, Rules, SourceNumber, extend
from ttp.core.errors import Conflict
from ttp.core.names import IdentityId, PersonId
from ttp.core.persons import Pair, pair_of

MODEL: Final = "model:dice-1"
"""Maker of edges between encodings; its name changes with every change of how they are judged."""
EVIDENCE_MODEL: Final = "model:evidence-1"
"""Maker of edges that the sites' evidence made."""
MOST_QUESTIONS: Final = 2_000
"""Possible matches for which one run asks for evidence."""


class NothingToLink(Conflict):
    """Fewer than two sites have submitted encodings under the newest linkage secret."""

    code = "nothing-to-link"


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submitted record as a run sees it, in the order in which records became known."""

    identity: IdentityId
    person: PersonId
    site: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Found:
    """A pair the comparison found, with its score."""

    first: IdentityId
    second: IdentityId
    score: float

    @property
    def pair(self) -> Pair:
        """The two identities in the order of their IDs."""
        return pair_of(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Joined:
    """Links that may stand, and links held back because they would join two records of one site."""

    links: tuple[Found, ...]
    held_back: tuple[Found, ...]
    members: Mapping[IdentityId, ClusterId] = field(default_factory=dict)


def join(records: Sequence[Submitted], links: Sequence[Found], *, apart: Sequence[Pair]) -> Joined:
    """Let the persons that stand grow by the links, the strongest first; what is kept apart stays apart.

    Links inside a person that stands say nothing new and are left out. ``records`` are oldest first.
    """
    numbers = {record.identity: RecordNumber(place) for place, record in enumerate(records)}
    before = _clusters(records, numbers)
    kept_apart = [(numbers[a], numbers[b]) for a, b in apart if a in numbers and b in numbers]
    made = [Link(numbers[one.first], numbers[one.second], one.score) for one in links]
    after = extend(before, made, rules=Rules(kept_apart=kept_apart))
    standing: list[Found] = []
    held_back: list[Found] = []
    for one in links:
        first, second = numbers[one.first], numbers[one.second]
        if after.of[first] != after.of[second]:
            held_back.append(one)
        elif before.of[first] != before.of[second]:
            standing.append(one)
    members = {record.identity: after.of[numbers[record.identity]] for record in records}
    return Joined(tuple(standing), tuple(held_back), members)


def _clusters(records: Sequence[Submitted], numbers: Mapping[IdentityId, RecordNumber]) -> Clusters:
    sources = {
        site: SourceNumber(place) for place, site in enumerate(sorted({r.site for r in records}))
    }
    oldest: dict[PersonId, RecordNumber] = {}
    for record in records:
        oldest.setdefault(record.person, numbers[record.identity])
    return Clusters(
        tuple(ClusterId(oldest[record.person]) for record in records),
        tuple(sources[record.site] for record in records),
    )
