"""Run a linkage: compare what sites submitted; surely one person: joined; perhaps: the sites are asked, then people.

Thresholds are chosen without the truth. Every step is repeatable: a run that was interrupted is run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from linkage import schema as linkage_schema
from linkage.evaluate import pair as named
from linkage.pipeline import link
from linkage.result import LinkedPair
from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.evidence import EvidenceOutcome, WeighedPair
from ttp.core.evidence_scoring import Weighed, weigh
from ttp.core.federation import Peers
from ttp.core.linkage_runs import (
    EVIDENCE_MODEL,
    MODEL,
    MOST_QUESTIONS,
    Found,
    Submitted,
    join,
)
from ttp.core.names import CaseId, IdentityId
from ttp.core.persons import Contribution, EdgeKind, NewEdge, Pair
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.review import PossibleMatch
from ttp.core.tasks import Progress
from ttp.services.cases.open_cases import open_cases
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.persons.link_identities import link_identities
from ttp.services.projects.ask_evidence import Answers, Question, ask_evidence
from ttp.services.projects.load_encodings import Loaded, load_encodings
from ttp.services.projects.receive_submissions import linked_project
from ttp.services.projects.settle_project_pseudonyms import settle_project_pseudonyms

EDGES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Possible:
    """Possible matches of a run: what the sites' evidence made of each, and what is left for people.

    ``weighed`` is stored when all of it has its effect: a pair that is stored is not asked about again.
    """

    weighed: tuple[WeighedPair, ...]
    matches: tuple[tuple[Found, Weighed], ...]
    non_matches: int
    undecided: tuple[PossibleMatch, ...]


def run_linkage(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    project_name: str,
    task: UUID,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Link the project's submissions and give the counts. Manages its transactions; none may be open.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, UnknownPopulation, NothingToLink.
    """
    actor.require(Right.LINK, project=project_name)
    project, loaded = center.work.run(lambda tx: _load(center, tx, project_name), write=False)
    apart = center.work.run(lambda tx: _apart(tx, loaded.records), write=False)
    links, possible, compared = _compare(loaded, apart, progress)
    apart = center.work.run(lambda tx: _apart(tx, loaded.records), write=False)
    joined = join(loaded.records, links, apart=apart)
    _join(center, actor, project, [(one, _dice(one)) for one in joined.links], MODEL, progress)
    asked = _open_questions([*possible, *joined.held_back], joined.members)
    judged = _judge(center, peers, project, loaded, asked, task, progress)
    by_evidence = _by_evidence(center, project_name, [one for one, _ in judged.matches])
    standing = {one.pair for one in by_evidence}
    chosen = [(one, found.contributions) for one, found in judged.matches if one.pair in standing]
    _join(center, actor, project, chosen, EVIDENCE_MODEL, progress)
    refused = [_as_possible(*one) for one in judged.matches if one[0].pair not in standing]
    cases = center.work.run(
        lambda tx: _ask_people(center, tx, actor, project, judged, [*judged.undecided, *refused])
    )
    counts = {
        "records": len(loaded.records),
        "compared": compared,
        "matches": len(joined.links),
        "possible": len(asked),
        "evidence_matches": len(chosen),
        "evidence_non_matches": judged.non_matches,
        "cases": len(cases),
    }
    center.work.run(lambda tx: _finish(center, tx, actor, project, counts))
    return counts


def _load(center: Center, tx: Transaction, project_name: str) -> tuple[Project, Loaded]:
    project = linked_project(center, tx, project_name)
    return project, load_encodings(center, tx, project)


def _compare(
    loaded: Loaded, apart: Sequence[Pair], progress: Progress | None
) -> tuple[list[Found], list[Found], int]:
    """Matches and possible matches of every two sites but what is kept ``apart``; pairs compared."""
    step = None if progress is None else lambda done, total: progress("compare", done, total)
    name = {record.identity: (record.site, str(record.identity)) for record in loaded.records}
    kept_apart = [named(name[a], name[b]) for a, b in apart if a in name and b in name]
    result = link(loaded.encodings, progress=step, kept_apart=kept_apart)
    compared = result.report.get("pairs_compared")
    return (
        [_found(one) for one in result.links],
        [_found(one) for one in result.possible],
        compared if isinstance(compared, int) else 0,
    )


def _found(pair: LinkedPair) -> Found:
    first, second = IdentityId(UUID(pair.record_a)), IdentityId(UUID(pair.record_b))
    return Found(first, second, pair.score)


def _apart(tx: Transaction, records: Sequence[Submitted]) -> list[Pair]:
    edges = tx.edges.standing([record.identity for record in records], EdgeKind.APART)
    return [edge.pair for edge in edges]


def _dice(one: Found) -> tuple[Contribution, ...]:
    return (Contribution("encoding", "match", 0.0, one.score),)


def _join(
    center: Center,
    actor: Actor,
    project: Project,
    links: Sequence[tuple[Found, tuple[Contribution, ...]]],
    maker: str,
    progress: Progress | None,
) -> None:
    edges = [
        NewEdge(*one.pair, EdgeKind.SAME, maker, one.score, contributions)
        for one, contributions in links
    ]
    for start in range(0, len(edges), EDGES_AT_ONCE):
        part = edges[start : start + EDGES_AT_ONCE]
        center.work.run(
            lambda tx, part=part: link_identities(  # type: ignore[misc] # a default binds the value
                center, tx, actor, population=project.population, edges=part
            )
        )
        if progress:
            progress("join", start + len(part), len(edges))


def _open_questions(possible: Sequence[Found], members: Mapping[IdentityId, object]) -> list[Found]:
    """Each possible match once, the best first, without those that are one person by now."""
    best: dict[Pair, Found] = {}
    for one in sorted(possible, key=lambda found: found.score):
        if members[one.first] != members[one.second]:
            best[one.pair] = one
    return sorted(best.values(), key=lambda found: -found.score)


def _judge(
    center: Center,
    peers: Peers,
    project: Project,
    loaded: Loaded,
    possible: Sequence[Found],
    task: UUID,
    progress: Progress | None,
) -> _Possible:
    """Ask both sites about the best pairs not weighed before; weigh what they say."""
    before = center.work.run(lambda tx: tx.evidence.of(project.name), write=False)
    fresh = [one for one in possible if one.pair not in before][:MOST_QUESTIONS]
    answers = ask_evidence(center, peers, project, _questions(loaded, fresh), progress=progress)
    weighed = {
        one.pair: (one, weigh(answers.records[one.first], answers.records[one.second]))
        for one in fresh
        if answers.comparable(one.pair)
    }
    now = center.clock.now()
    rows = [
        WeighedPair(*pair, found.outcome, found.weight, task, now)
        for pair, (_, found) in weighed.items()
    ]
    undecided = [
        _as_possible(*weighed[one.pair]) if one.pair in weighed else _unanswered(one, answers)
        for one in fresh
        if one.pair not in weighed or weighed[one.pair][1].outcome is EvidenceOutcome.POSSIBLE
    ]
    outcomes = [found.outcome for _, found in weighed.values()]
    return _Possible(
        tuple(rows),
        tuple(one for one in weighed.values() if one[1].outcome is EvidenceOutcome.MATCH),
        outcomes.count(EvidenceOutcome.NON_MATCH),
        tuple(undecided),
    )


def _questions(loaded: Loaded, possible: Sequence[Found]) -> list[Question]:
    wanted = {identity for one in possible for identity in one.pair}
    return [
        Question(record.identity, record.site, record.pseudonym)
        for record in loaded.records
        if record.identity in wanted
    ]


def _by_evidence(center: Center, project_name: str, matches: Sequence[Found]) -> tuple[Found, ...]:
    """Of the matches by evidence those that may stand beside everything joined before."""
    if not matches:
        return ()
    _, loaded = center.work.run(lambda tx: _load(center, tx, project_name), write=False)
    apart = center.work.run(lambda tx: _apart(tx, loaded.records), write=False)
    return join(loaded.records, matches, apart=apart).links


def _ask_people(
    center: Center,
    tx: Transaction,
    actor: Actor,
    project: Project,
    judged: _Possible,
    possible: Sequence[PossibleMatch],
) -> list[CaseId]:
    """Put before people what is left, and store what was weighed: then nothing of it is lost."""
    tx.evidence.add(project.name, judged.weighed)
    return open_cases(center, tx, actor, population=project.population, possible=possible)


def _as_possible(one: Found, found: Weighed) -> PossibleMatch:
    facts = {"encoding": f"{one.score:.3f}", "evidence": found.outcome.value}
    return PossibleMatch(*one.pair, found.weight, found.contributions, facts)


def _unanswered(one: Found, answers: Answers) -> PossibleMatch:
    """A pair for which a site gave no evidence: people see the encodings' likeness only."""
    facts = {"encoding": f"{one.score:.3f}", "evidence": "unavailable"}
    if answers.silent:
        facts["silent"] = ",".join(sorted(answers.silent))
    return PossibleMatch(*one.pair, 0.0, _dice(one), facts)


def _finish(
    center: Center, tx: Transaction, actor: Actor, project: Project, counts: Mapping[str, int]
) -> None:
    settle_project_pseudonyms(center, tx, project)
    facts = {
        "project": project.name,
        "schema": linkage_schema.load(project.terms.schema).fingerprint,
        "models": f"{MODEL} {EVIDENCE_MODEL}",
    }
    record_leaf(center, tx, actor, Act(EventKind.LINKAGE_RUN, counts=counts, facts=facts))
