"""Ask for evidence: both sites of a possible match say more about their records; what they say is weighed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linkage.schema import LinkageSchema
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.evidence import MAXIMAL_QUESTIONS
from ttp.core.evidence_scoring import EvidenceRecord, evidence_schema
from ttp.core.federation import FederationPath, Peers
from ttp.core.names import IdentityId
from ttp.core.peers import PeerAnswerRejected
from ttp.core.persons import Pair
from ttp.core.projects import Project
from ttp.core.submissions import read_record
from ttp.core.tasks import Progress
from ttp.services.peers.ask_peer import ask_peer


@dataclass(frozen=True, slots=True)
class Question:
    """A record to ask about: which identity, of which site, under which submission pseudonym."""

    identity: IdentityId
    site: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the sites said: evidence by identity, and the sites that said nothing, with the code of the error.

    commitments: to the secret with which each was encoded.
    """

    records: Mapping[IdentityId, EvidenceRecord]
    commitments: Mapping[IdentityId, str]
    silent: Mapping[str, str]

    def comparable(self, pair: Pair) -> bool:
        """Whether there is evidence on both records, encoded with one secret."""
        found = [self.commitments.get(one) for one in pair]
        return None not in found and len(set(found)) == 1


def ask_evidence(
    center: Center,
    peers: Peers,
    project: Project,
    questions: Sequence[Question],
    *,
    progress: Progress | None = None,
) -> Answers:
    """Ask each site about its records. No transaction may be open.

    A site that does not answer is told as silent; one that answers with another secret than the other site of a pair
    takes no evidence from pairs of others.
    """
    schema = evidence_schema()
    by_site: dict[str, dict[str, IdentityId]] = {}
    for one in questions:
        by_site.setdefault(one.site, {})[one.pseudonym] = one.identity
    found: dict[IdentityId, EvidenceRecord] = {}
    commitments: dict[IdentityId, str] = {}
    silent: dict[str, str] = {}
    done = 0
    for site, identities in sorted(by_site.items()):
        for part in _cut(sorted(identities)):
            try:
                answer = _ask(center, peers, project, site, part)
                read = _read(answer, identities, schema)
                found |= read
                commitments |= dict.fromkeys(read, answer["commitment"])
            except TTPError as error:
                silent[site] = str(error.facts.get("peer_code", error.code))
                break
            done += len(part)
            if progress:
                progress("evidence", done, len(questions))
    return Answers(found, commitments, silent)


def _ask(
    center: Center, peers: Peers, project: Project, site: str, pseudonyms: Sequence[str]
) -> dict[str, Any]:
    payload = {"project": project.name, "pseudonyms": list(pseudonyms)}
    answer = ask_peer(center, peers, name=site, path=FederationPath.EVIDENCE, payload=payload)
    commitment, records = answer.get("commitment"), answer.get("records")
    if not isinstance(commitment, str) or not isinstance(records, dict):
        raise PeerAnswerRejected("The site's answer holds no evidence.", peer=site)
    return answer


def _read(
    answer: Mapping[str, Any], identities: Mapping[str, IdentityId], schema: LinkageSchema
) -> dict[IdentityId, EvidenceRecord]:
    """The well-formed evidence of an answer; what is malformed counts as not answered."""
    found = {}
    for pseudonym, document in answer["records"].items():
        if pseudonym not in identities:
            continue
        try:
            born, turned = document["born"], document["turned"]
            found[identities[pseudonym]] = EvidenceRecord(
                encoding=read_record(document["encoding"], schema),
                born=read_record(born, schema) if born else None,
                turned=read_record(turned, schema) if turned else None,
                codes=frozenset(map(str, document["codes"])),
            )
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _cut(pseudonyms: Sequence[str]) -> list[Sequence[str]]:
    return [
        pseudonyms[start : start + MAXIMAL_QUESTIONS]
        for start in range(0, len(pseudonyms), MAXIMAL_QUESTIONS)
    ]
