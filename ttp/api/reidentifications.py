"""Re-identification over JSON: ask with a reason, carry out once another person approved, or break the glass.

Answers with identities leave only once a checkpoint covers their leaf.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.approvals import ApprovalEntry, ApprovalPath, entry_of
from ttp.api.bodies import Body, ItemError, problems
from ttp.core.access import Actor
from ttp.core.names import LeafId
from ttp.core.ports import Transaction
from ttp.core.reidentification import MOST_USE_HOURS, USE_HOURS, Answer, Revealed
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.access.break_glass import break_glass
from ttp.services.pseudonyms.reidentify import (
    Told,
    carry_out_reidentification,
    cover,
    request_reidentification,
)

api = APIBlueprint(
    "reidentifications",
    __name__,
    url_prefix="/api/v1/re-identifications",
    abp_tags=[Tag(name="re-identification")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)


class AskBody(Body):
    """Ask to learn who stands behind pseudonyms. Pseudonyms and reason are kept sealed; the purpose is logged."""

    domain: str = Field(max_length=512)
    pseudonyms: list[str] = Field(description="at most 1,000")
    purpose: str = Field(
        max_length=500, description="stands in the audit log; name no person in it"
    )
    reason: str = Field(max_length=500, description="for the person who decides")
    use_hours: int = Field(USE_HOURS, ge=1, le=MOST_USE_HOURS)


class EmergencyBody(Body):
    """Re-identify at once; another person reviews it."""

    domain: str = Field(max_length=512)
    pseudonyms: list[str] = Field(description="at most 100")
    reason: str = Field(max_length=500)


class RevealedEntry(BaseModel):
    """What stands behind one pseudonym, or an error in its place."""

    originals: list[str] | None = None
    identities: list[dict[str, str | None]] | None = None
    error: ItemError | None = None


class RevealedAnswer(BaseModel):
    """The results in the order asked, the approval or review, and the leaf that records it."""

    approval: UUID
    leaf: UUID
    results: list[RevealedEntry]


@api.post("", responses={200: ApprovalEntry}, summary="Ask for re-identification")
def ask(body: AskBody) -> Response:
    """Store the request; another person approves it."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _asked(tx, actor, body))


@api.post(
    "/<uuid:approval_id>/carry-out",
    responses={200: RevealedAnswer},
    summary="Carry out an approved re-identification",
)
def carry_out(path: ApprovalPath) -> Response:
    """Answer with originals and, where the caller may read persons, identifying data; once.

    With an ``Idempotency-Key`` a lost answer can be had again for a day.
    """
    actor = calling_actor()
    return _covered(
        answer_once(
            actor,
            lambda tx: _document(
                carry_out_reidentification(the_center(), tx, actor, approval_id=path.approval_id)
            ),
        )
    )


@api.post("/break-glass", responses={200: RevealedAnswer}, summary="Break the glass")
def emergency(body: EmergencyBody) -> Response:
    """Re-identify at once, alone, in an emergency; a review by another person is open from then on."""
    actor = calling_actor()
    return _covered(answer_once(actor, lambda tx: _broken(tx, actor, body)))


def _asked(tx: Transaction, actor: Actor, body: AskBody) -> bytes:
    asked = request_reidentification(
        the_center(),
        tx,
        actor,
        domain=body.domain,
        pseudonyms=body.pseudonyms,
        purpose=body.purpose,
        reason=body.reason,
        use_hours=body.use_hours,
    )
    return orjson.dumps(entry_of(asked))


def _broken(tx: Transaction, actor: Actor, body: EmergencyBody) -> bytes:
    told = break_glass(
        the_center(),
        tx,
        actor,
        domain=body.domain,
        pseudonyms=body.pseudonyms,
        reason=body.reason,
    )
    return _document(told)


def _document(told: Told) -> bytes:
    results = [_entry(one) for one in told.answers]
    return orjson.dumps({"approval": told.approval, "leaf": told.leaf, "results": results})


def _entry(one: Answer) -> dict[str, Any]:
    if not isinstance(one, Revealed):
        return item_error(one)
    return {"originals": list(one.originals), "identities": [dict(data) for data in one.identities]}


def _covered(response: Response) -> Response:
    """Hold the answer back until a checkpoint covers its leaf, also when it is given again."""
    cover(the_center(), LeafId(UUID(orjson.loads(response.get_data())["leaf"])))
    return response
