"""The audit log over JSON: its newest checkpoint, and proofs that it holds a leaf and that it only grew."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from keys.transparency import consistency_proof, inclusion_proof
from ttp.api.bodies import answer, problems
from ttp.core.access import Right
from ttp.core.audit import StoredCheckpoint
from ttp.core.errors import InvalidField, NotFound
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import read

api = APIBlueprint(
    "audit",
    __name__,
    url_prefix="/api/v1/audit",
    abp_tags=[Tag(name="audit")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(401, 403, 404, 422, 503),
)


class CheckpointAnswer(BaseModel):
    """A checkpoint as a signed note (C2SP tlog-checkpoint), with the lines of witnesses."""

    size: int
    root: str = Field(description="hexadecimal")
    note: str


class LeafQuery(BaseModel):
    """Which leaf."""

    leaf: UUID = Field(description="identifier of the leaf")


class SizesQuery(BaseModel):
    """Two sizes the log has had."""

    first: int = Field(ge=0)
    second: int = Field(ge=0)


class InclusionAnswer(BaseModel):
    """That the newest checkpoint covers the leaf (RFC 9162, section 2.1.3)."""

    position: int
    hash: str
    proof: list[str]
    checkpoint: CheckpointAnswer


class ConsistencyAnswer(BaseModel):
    """That the log of the second size begins with that of the first (RFC 9162, section 2.1.4)."""

    proof: list[str]


@api.get("/checkpoint", responses={200: CheckpointAnswer}, summary="The newest checkpoint")
def checkpoint() -> Response:
    """Answer with the newest signed checkpoint."""
    calling_actor().require(Right.READ_AUDIT)
    return answer(_told(read(_newest)))


@api.get("/proofs/inclusion", responses={200: InclusionAnswer}, summary="Prove that a leaf is in")
def inclusion(query: LeafQuery) -> Response:
    """Answer with the proof that the newest checkpoint covers the leaf."""
    calling_actor().require(Right.READ_AUDIT)
    return answer(read(lambda tx: _included(tx, LeafId(query.leaf))))


@api.get("/proofs/consistency", responses={200: ConsistencyAnswer}, summary="Prove only growth")
def consistency(query: SizesQuery) -> Response:
    """Answer with the proof that the log only grew from the first size to the second."""
    calling_actor().require(Right.READ_AUDIT)
    return answer(read(lambda tx: _grown(tx, query.first, query.second)))


def _newest(tx: Transaction) -> StoredCheckpoint:
    newest = tx.audit.latest_checkpoint()
    if newest is None:
        raise NotFound("The log has no checkpoint yet.")
    return newest


def _included(tx: Transaction, leaf: LeafId) -> dict[str, object]:
    newest, position = _newest(tx), tx.audit.position(leaf)
    if position is None or position >= newest.size:
        raise NotFound("No checkpoint covers a leaf of this name yet.")
    proof = inclusion_proof(position, newest.size, tx.audit.node)
    return {
        "position": position,
        "hash": tx.audit.node(0, position).hex(),
        "proof": [node.hex() for node in proof],
        "checkpoint": _told(newest),
    }


def _grown(tx: Transaction, first: int, second: int) -> dict[str, object]:
    if not first <= second <= _newest(tx).size:
        raise InvalidField("The sizes are in order, and the log has reached both.")
    return {"proof": [node.hex() for node in consistency_proof(first, second, tx.audit.node)]}


def _told(stored: StoredCheckpoint) -> dict[str, object]:
    return {"size": stored.size, "root": stored.root.hex(), "note": stored.note}
