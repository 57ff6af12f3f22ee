"""What peers may ask of this center. Every route verifies a signed request; none knows a session or an API key."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ttp.api.bodies import answer, problems
from ttp.api.federation.bodies import (
    SIGNED,
    AnnouncementBody,
    CheckpointBody,
    EvidenceBody,
    KeyStatements,
    LatestBody,
    ProjectBody,
    PseudonymsBody,
    RestoreBody,
    SecretBody,
    StatementsBody,
    SubmissionBody,
    TrustFile,
)
from ttp.api.federation.door import answer_signed
from ttp.core.access import Actor
from ttp.core.federation import FederationPath
from ttp.http.center import read, the_center, write
from ttp.services.peers.accept_peer_restore import hear_restore
from ttp.services.peers.accept_statements import accept_statements
from ttp.services.peers.answer_latest import answer_latest
from ttp.services.peers.describe_trust import describe_trust
from ttp.services.peers.witness_checkpoint import witness_checkpoint
from ttp.services.projects.answer_evidence import answer_evidence
from ttp.services.projects.answer_pseudonyms import Page, answer_pseudonyms
from ttp.services.projects.hear_linkage_secret import Announcement, hear_linkage_secret
from ttp.services.projects.hold_linkage_secret import receive_linkage_secret
from ttp.services.projects.propose_project import offer_project, terms_from
from ttp.services.projects.receive_submissions import Batch, receive_submissions

incoming = APIBlueprint(
    "federation",
    __name__,
    abp_tags=[Tag(name="federation")],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)


@incoming.get("/api/v1/trust", responses={200: TrustFile}, summary="Public keys of this center")
def trust() -> Response:
    """What this center says of itself; compare the key ID on another channel before you trust it."""
    return answer(describe_trust(the_center()))


@incoming.get(
    "/api/v1/trust/statements",
    responses={200: KeyStatements},
    summary="Statements about this center's keys",
)
def key_statements() -> Response:
    """Which key follows which, and which was revoked; each proves itself by the key it speaks of."""
    center = the_center()
    known = read(lambda tx: tx.statements.of(center.name))
    return answer({"statements": [one.document() for one in known]})


@incoming.post(
    FederationPath.STATEMENTS.value,
    responses=SIGNED,
    summary="Take in statements about a peer's keys",
)
def peer_statements() -> Response:
    """Believe which key of the asking peer follows which, or that one is revoked; all hold, or nothing changes."""
    return answer_signed(StatementsBody, _statements, unwitnessed=True)


@incoming.post(
    FederationPath.PROJECTS.value,
    responses=SIGNED,
    summary="Take in a project offered by its center",
)
def projects() -> Response:
    """Store the project as proposed; a person of this center decides."""
    return answer_signed(ProjectBody, _offer)


@incoming.post(FederationPath.SECRETS.value, responses=SIGNED, summary="Take in a linkage secret")
def linkage_secrets() -> Response:
    """Open the secret sealed to this center and keep it in the keyring; never at a linking center."""
    return answer_signed(SecretBody, _secret)


@incoming.post(
    FederationPath.ANNOUNCEMENTS.value,
    responses=SIGNED,
    summary="Hear that a project has a version of its linkage secret",
)
def announcements() -> Response:
    """Remember what the project's secret holder shows of the secret; sites may submit under this version then."""
    return answer_signed(AnnouncementBody, _announcement)


@incoming.post(
    FederationPath.SUBMISSIONS.value, responses=SIGNED, summary="Keep encodings of a site"
)
def submissions() -> Response:
    """Check and keep encodings under their submission pseudonyms; the same ones again change nothing."""
    return answer_signed(SubmissionBody, _submission)


@incoming.post(FederationPath.EVIDENCE.value, responses=SIGNED, summary="Answer evidence questions")
def evidence() -> Response:
    """Say more about records this site submitted: codes and encodings, never names; within a budget."""
    return answer_signed(EvidenceBody, _evidence)


@incoming.post(
    FederationPath.PSEUDONYMS.value, responses=SIGNED, summary="Give a site its project pseudonyms"
)
def project_pseudonyms() -> Response:
    """Answer with the project pseudonyms of what the asking site submitted, page by page."""
    return answer_signed(PseudonymsBody, _pseudonyms)


@incoming.post(
    FederationPath.WITNESS.value, responses=SIGNED, summary="Co-sign a peer's checkpoint"
)
def checkpoints() -> Response:
    """Check that the asking peer's log only grew, remember it, and answer with a co-signature line."""
    return answer_signed(CheckpointBody, _witness, unwitnessed=True)


@incoming.post(
    FederationPath.LATEST.value, responses=SIGNED, summary="Tell which checkpoints are the latest"
)
def latest() -> Response:
    """Answer with what was co-signed last of the asking peer's log, and of this center's by others."""
    return answer_signed(LatestBody, _latest, unwitnessed=True)


@incoming.post(
    FederationPath.RESTORES.value, responses=SIGNED, summary="Hear that a peer's log begins anew"
)
def restores() -> Response:
    """Remember the announcement; two persons of this center accept it, or it stays refused."""
    return answer_signed(RestoreBody, _restore, unwitnessed=True)


def _latest(actor: Actor, body: LatestBody) -> dict[str, Any]:
    del body
    return {**read(lambda tx: answer_latest(the_center(), tx, actor))}


def _restore(actor: Actor, body: RestoreBody) -> dict[str, Any]:
    write(lambda tx: hear_restore(the_center(), tx, actor, note=body.checkpoint))
    return {"state": "announced"}


def _statements(actor: Actor, body: StatementsBody) -> dict[str, Any]:
    sequence = write(
        lambda tx: accept_statements(
            the_center(), tx, actor, name=actor.name, documents=body.statements
        )
    )
    return {"sequence": sequence}


def _witness(actor: Actor, body: CheckpointBody) -> dict[str, Any]:
    line = write(
        lambda tx: witness_checkpoint(
            the_center(),
            tx,
            actor,
            old_size=body.old_size,
            proof=body.proof,
            note=body.checkpoint,
        )
    )
    return {"cosignature": line}


def _offer(actor: Actor, body: ProjectBody) -> dict[str, Any]:
    terms = terms_from(body.terms)
    project = write(lambda tx: offer_project(the_center(), tx, actor, terms))
    return {"project": project.name, "state": project.state.value}


def _secret(actor: Actor, body: SecretBody) -> dict[str, Any]:
    secret = write(
        lambda tx: receive_linkage_secret(
            the_center(),
            tx,
            actor,
            project_name=body.project,
            version=body.version,
            schema_fingerprint=body.schema_fingerprint,
            commitment=body.commitment,
            sealed=body.sealed,
        )
    )
    return {"project": secret.project, "version": secret.version}


def _announcement(actor: Actor, body: AnnouncementBody) -> dict[str, Any]:
    heard = Announcement(
        project=body.project,
        schema_fingerprint=body.schema_fingerprint,
        version=body.version,
        commitment=body.commitment,
        canaries=body.canaries,
    )
    write(lambda tx: hear_linkage_secret(the_center(), tx, actor, heard))
    return {"project": body.project, "version": body.version}


def _submission(actor: Actor, body: SubmissionBody) -> dict[str, Any]:
    batch = Batch(
        project=body.project,
        schema_fingerprint=body.schema_fingerprint,
        secret_version=body.secret_version,
        commitment=body.commitment,
        canaries=body.canaries,
        records=body.records,
    )
    return dict(write(lambda tx: receive_submissions(the_center(), tx, actor, batch=batch)))


def _evidence(actor: Actor, body: EvidenceBody) -> dict[str, Any]:
    return write(
        lambda tx: answer_evidence(
            the_center(), tx, actor, project_name=body.project, pseudonyms=body.pseudonyms
        )
    )


def _pseudonyms(actor: Actor, body: PseudonymsBody) -> dict[str, Any]:
    page = Page(body.project, body.after, body.limit, body.secondaries)
    return write(lambda tx: answer_pseudonyms(the_center(), tx, actor, page=page))
