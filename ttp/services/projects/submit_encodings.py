"""Submit encodings: what a project may use leaves as encodings under submission pseudonyms, in any number of tries."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keys.randomness import shuffled
from ttp.core.access import SYSTEM, Actor, Right
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.federation import FederationPath, Peers, require_local
from ttp.core.linkage_secrets import LinkageSecret
from ttp.core.names import PersonId, Pseudonym
from ttp.core.peers import Peer, PeerAnswerRejected
from ttp.core.ports import Transaction
from ttp.core.projects import Project
from ttp.core.pseudonyms import Issued
from ttp.core.submissions import EncodedRecord, chunks
from ttp.core.tasks import Progress
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.peers.ask_peer import witnessed_peer
from ttp.services.projects.encode_patients import Patient, ProjectEncoder, Record, usable_patients
from ttp.services.projects.hold_linkage_secret import newest_secret
from ttp.services.projects.remember_tokens import encode_once_used
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms

ISSUED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is needed to submit; read in one transaction."""

    project: Project
    secret: LinkageSecret
    linker: Peer
    patients: list[Patient]


def submit_encodings(
    center: Center,
    peers: Peers,
    actor: Actor,
    *,
    project_name: str,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Encode and send all patients the project may use, and count them.

    ``patients`` may be used; of these ``empty`` hold nothing that can be encoded and stay here; the others
    are ``new``, ``changed`` or ``known`` to the linking center. Done again after a failure, or later, it
    sends all anew and the linking center keeps what differs. A token of a thinned view is never used for another
    patient than before.

    Raises:
        NotAllowed, WrongRole, UnknownProject, ProjectNotActive, NoLinkageSecret, UnknownPeer, PeerNotTrusted:
        before anything is sent, as is Conflict, when another submission of the project ran meanwhile.
        PeerUnreachable, PeerAnswerRejected, PeerRefused: on the way.
    """
    actor.require(Right.LINK, project=project_name)
    require_local(center)
    plan = center.work.run(lambda tx: _plan(center, tx, project_name))
    encoder = ProjectEncoder(center, plan.project, plan.secret)
    named = _named(center, plan, progress)
    encoded = encode_once_used(
        center, plan.project, plan.secret, named, encoder=encoder, progress=progress
    )
    records = shuffled([record for record in encoded if not record.is_empty])
    counts = _send(peers, plan, records, encoder.canary_digests(), progress)
    counts |= {"patients": len(encoded), "empty": len(encoded) - len(records)}
    center.work.run(lambda tx: _record(center, tx, actor, plan, counts))
    return counts


def _plan(center: Center, tx: Transaction, project_name: str) -> _Plan:
    project = tx.projects.get(project_name)
    project.require_active(center.clock.now())
    project.require_site(center.name)
    secret = newest_secret(tx, project)
    linker = witnessed_peer(center, tx, project.terms.linking_center)
    return _Plan(project, secret, linker, usable_patients(center, tx, project))


def _named(center: Center, plan: _Plan, progress: Progress | None) -> dict[str, Record]:
    """Each patient's record under the submission pseudonym of this project."""
    named: dict[str, Record] = {}
    for start in range(0, len(plan.patients), ISSUED_AT_ONCE):
        part = plan.patients[start : start + ISSUED_AT_ONCE]
        pseudonyms = submission_pseudonyms(center, plan.project, [one.person for one in part])
        named |= {token: one.record for token, one in zip(pseudonyms.values(), part, strict=True)}
        if progress:
            progress("pseudonyms", len(named), len(plan.patients))
    return named


def submission_pseudonyms(
    center: Center, project: Project, persons: Sequence[PersonId]
) -> dict[PersonId, Pseudonym]:
    """The submission pseudonym of each person, drawn where there is none; in the order given."""
    answers = center.work.run(
        lambda tx: issue_pseudonyms(
            center,
            tx,
            SYSTEM,
            domain_name=project.submission_domain,
            originals=[str(person) for person in persons],
            atomic=True,
        )
    )
    issued = [answer.pseudonym for answer in answers if isinstance(answer, Issued)]
    return dict(zip(persons, issued, strict=True))


def _send(
    peers: Peers,
    plan: _Plan,
    records: Sequence[EncodedRecord],
    canaries: bytes,
    progress: Progress | None,
) -> dict[str, int]:
    counts = {"new": 0, "changed": 0, "known": 0}
    head = _head(plan, canaries)
    sent = 0
    for chunk in chunks(records) or [[]]:
        answer = peers.ask(plan.linker, FederationPath.SUBMISSIONS, {**head, "records": chunk})
        for name in counts:
            counts[name] += _counted(answer, name)
        sent += len(chunk)
        if progress:
            progress("submit", sent, len(records))
    return counts


def _counted(answer: Mapping[str, Any], name: str) -> int:
    count = answer.get(name, 0)
    if not isinstance(count, int) or count < 0:
        raise PeerAnswerRejected("A count in the linking center's answer is none.")
    return count


def _head(plan: _Plan, canaries: bytes) -> dict[str, Any]:
    return {
        "project": plan.project.name,
        "schema_fingerprint": plan.project.terms.schema_fingerprint,
        "secret_version": plan.secret.version,
        "commitment": plan.secret.commitment,
        "canaries": base64.b64encode(canaries).decode(),
    }


def _record(
    center: Center, tx: Transaction, actor: Actor, plan: _Plan, counts: dict[str, int]
) -> None:
    act = Act(
        EventKind.ENCODINGS_SUBMITTED,
        domain=plan.project.submission_domain,
        counts=counts,
        facts={"project": plan.project.name, "to": plan.linker.name},
        subjects=tuple(str(one.person).encode() for one in plan.patients),
    )
    record_leaf(center, tx, actor, act)
