"""What peers may ask of this center. Every route verifies a signed request; none knows a session or an API key."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ttp.api.bodies import Problem, answer
from ttp.api.federation.bodies import CheckpointBody
from ttp.api.federation.door import answer_signed
from ttp.core.access import Actor
from ttp.core.federation import FederationPath
from ttp.http.center import the_center, write
from ttp.services.describe_trust import describe_trust
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
