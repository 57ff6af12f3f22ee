"""What peers may ask of this center. Every route verifies a signed request; none knows a session or an API key."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ttp.api.bodies import Problem, answer
from ttp.api.federation.bodies import (
    CheckpointBody,
    EvidenceBody,
    ProjectBody,
    PseudonymsBody,
    SecretBody,
    SubmissionBody,
)
from ttp.api.federation.door import answer_signed
from ttp.core.access import Actor
from ttp.core.federation import FederationPath
from ttp.http.center import the_center, write
from ttp.services.answer_evidence import answer_evidence
from ttp.services.answer_pseudonyms import Page, answer_pseudonyms
from ttp.services.describe_trust import describe_trust
from ttp.services.hold_linkage_secret import receive_linkage_secret
from ttp.services.propose_project import offer_project, terms_from
from ttp.services.receive_submissions import Batch, receive_submissions
from ttp.services.witness_checkpoint import witness_checkpoint

incoming = APIBlueprint(
    "federation",
    __name__,
    abp_tags=[Tag(name="federation")],
    abp_responses=dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 503), Problem),
)


@incoming.get("/api/v1/trust", summary="Public keys of this center")
def trust() -> Response:
    """What this center says of itself; compare the key ID on another channel before you trust it."""
    return answer(describe_trust(the_center()))


@incoming.post(FederationPath.PROJECTS.value, summary="Take in a project offered by its center")
def projects() -> Response:
    """Store the project as proposed; a person of this center decides."""
    return answer_signed(ProjectBody, _offer)


@incoming.post(FederationPath.SECRETS.value, summary="Take in a linkage secret")
def linkage_secrets() -> Response:
    """Open the secret sealed to this center and keep it in the keyring; never at a linking center."""
    return answer_signed(SecretBody, _secret)


@incoming.post(FederationPath.SUBMISSIONS.value, summary="Keep encodings of a site")
def submissions() -> Response:
    """Check and keep encodings under their submission pseudonyms; the same ones again change nothing."""
    return answer_signed(SubmissionBody, _submission)


@incoming.post(FederationPath.EVIDENCE.value, summary="Answer evidence questions")
def evidence() -> Response:
    """Say more about records this site submitted: codes and encodings, never names; within a budget."""
    return answer_signed(EvidenceBody, _evidence)


@incoming.post(FederationPath.PSEUDONYMS.value, summary="Give a site its project pseudonyms")
def project_pseudonyms() -> Response:
    """Answer with the project pseudonyms of what the asking site submitted, page by page."""
    return answer_signed(PseudonymsBody, _pseudonyms)


@incoming.post(FederationPath.WITNESS.value, summary="Co-sign a peer's checkpoint")
def checkpoints() -> Response:
    """Check that the asking peer's log only grew, remember it, and answer with a co-signature line."""
    return answer_signed(CheckpointBody, _witness)


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
