"""The life of identities over JSON: rest, come back, be preferred, be deleted by two persons; and subject access."""

from __future__ import annotations

from typing import Literal

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.approvals import ApprovalEntry, ApprovalPath, entry_of
from ttp.api.bodies import Body, answer, problems
from ttp.api.named import NamedRecord
from ttp.core.access import Actor, Right
from ttp.core.identity_life import ChangeReason
from ttp.core.names import IdentityId
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.services.persons.access_subject import access_subject, request_subject_access
from ttp.services.persons.change_identities import (
    deactivate_identities,
    prefer_identity,
    reactivate_identities,
)
from ttp.services.persons.delete_identities import Hanging, deletion_receipt, request_deletion
from ttp.services.persons.look_up_persons import named_identities, named_person
from ttp.wire.subject_access import as_html, as_json

api = APIBlueprint(
    "identity-life",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="identities")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)

_MOST = "at most 1,000; all of them or none"


class RestBody(Body):
    """Name identities that are to be matched no more."""

    identities: list[NamedRecord] = Field(description=_MOST)
    reason: ChangeReason = Field(strict=False)
    end_links: bool = Field(False, description="let their automatic links end, too")


class WakeBody(Body):
    """Name identities that are to be matched again."""

    identities: list[NamedRecord] = Field(description=_MOST)
    reason: ChangeReason = Field(strict=False)


class PreferBody(Body):
    """Name the identity that is to speak for its person."""

    identity: NamedRecord
    pinned: bool = Field(True, description="false: the order of sources decides again")


class DeletionBody(Body):
    """Ask that identities are deleted for good."""

    identities: list[NamedRecord] = Field(description=_MOST)
    reason: ChangeReason = Field(strict=False)
    note: str = Field(max_length=500, description="for the person who decides; kept sealed")
    named: list[Hanging] = Field(
        default_factory=list, description="what may hang on them and goes with them"
    )


class AccessBody(Body):
    """Ask to have everything put together that is held about a person."""

    of: NamedRecord
    note: str = Field(max_length=500, description="for the person who decides; kept sealed")


class AccessQuery(BaseModel):
    """In which form the document comes."""

    form: Literal["html", "json"] = "html"


class Changed(BaseModel):
    """How many identities were changed; those that stood so before are not counted."""

    changed: int


class Receipt(BaseModel):
    """A signed receipt with its proof by the log; see docs/identities.md."""

    format: str


@api.post("/identities/deactivate", responses={200: Changed}, summary="Let identities rest")
def deactivate(body: RestBody) -> Response:
    """Match identities no more; they are found and shown as before, and their links stand."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _rested(tx, actor, body))


@api.post("/identities/reactivate", responses={200: Changed}, summary="Take identities up again")
def reactivate(body: WakeBody) -> Response:
    """Match identities again, as if they had just come."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _woken(tx, actor, body))


@api.post("/identities/prefer", responses={200: Changed}, summary="Prefer an identity")
def prefer(body: PreferBody) -> Response:
    """Let an identity speak for its person, whatever the order of sources says."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _preferred(tx, actor, body))


@api.post("/identities/deletions", responses={200: ApprovalEntry}, summary="Ask for deletion")
def ask_for_deletion(body: DeletionBody) -> Response:
    """Ask that identities are deleted; another person approves it, and then it is done."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _deletion(tx, actor, body))


@api.post(
    "/identities/deletions/<uuid:approval_id>/receipt",
    responses={200: Receipt},
    summary="Have the receipt of a deletion",
)
def receipt(path: ApprovalPath) -> Response:
    """Answer with the signed receipt once a checkpoint covers the deletion."""
    actor = calling_actor()
    return answer(deletion_receipt(the_center(), actor, approval_id=path.approval_id))


@api.post("/persons/access", responses={200: ApprovalEntry}, summary="Ask for a subject access")
def ask_for_access(body: AccessBody) -> Response:
    """Ask to have everything put together that is held about a person; another person approves it."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _access(tx, actor, body))


@api.post(
    "/persons/access/<uuid:approval_id>/carry-out",
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    summary="Carry out a subject access",
)
def carry_out_access(path: ApprovalPath, query: AccessQuery) -> Response:
    """Answer with everything held about the person, once: a German page, or JSON."""
    actor = calling_actor()
    report = access_subject(the_center(), actor, approval_id=path.approval_id)
    if query.form == "json":
        return answer(as_json(report))
    page = Response(as_html(report), mimetype="text/html")
    page.headers["Content-Disposition"] = 'attachment; filename="auskunft.html"'
    page.headers["Cache-Control"] = "no-store"
    return page


def _identities(tx: Transaction, actor: Actor, names: list[NamedRecord]) -> list[IdentityId]:
    right = Right.MANAGE_PERSON
    actor.require(right)
    asked = [one.named() for one in names]
    return named_identities(the_center(), tx, actor, right, asked=asked)


def _changed(count: int) -> bytes:
    return orjson.dumps({"changed": count})


def _rested(tx: Transaction, actor: Actor, body: RestBody) -> bytes:
    ids = _identities(tx, actor, body.identities)
    count = deactivate_identities(
        the_center(), tx, actor, identities=ids, reason=body.reason, end_links=body.end_links
    )
    return _changed(count)


def _woken(tx: Transaction, actor: Actor, body: WakeBody) -> bytes:
    ids = _identities(tx, actor, body.identities)
    count = reactivate_identities(the_center(), tx, actor, identities=ids, reason=body.reason)
    return _changed(count)


def _preferred(tx: Transaction, actor: Actor, body: PreferBody) -> bytes:
    (one,) = _identities(tx, actor, [body.identity])
    return _changed(prefer_identity(the_center(), tx, actor, identity=one, pinned=body.pinned))


def _deletion(tx: Transaction, actor: Actor, body: DeletionBody) -> bytes:
    asked = request_deletion(
        the_center(),
        tx,
        actor,
        identities=_identities(tx, actor, body.identities),
        reason=body.reason,
        note=body.note,
        named=body.named,
    )
    return orjson.dumps(entry_of(asked))


def _access(tx: Transaction, actor: Actor, body: AccessBody) -> bytes:
    center, right = the_center(), Right.MANAGE_PERSON
    actor.require(right)
    person = named_person(center, tx, actor, right, asked=body.of.named())
    asked = request_subject_access(center, tx, actor, person=person, note=body.note)
    return orjson.dumps(entry_of(asked))
