"""Pseudonyms over JSON: issue, resolve, anonymize, delete; in batches, answered in the order asked."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import ItemError, ListBody, problems, strings
from ttp.core.access import Actor
from ttp.core.errors import InvalidField, TTPError
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued, IssuedMany
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_list, respond_list
from ttp.http.joint_calls import may_join
from ttp.http.joint_issuing import issue_jointly
from ttp.http.problems import item_error
from ttp.services.pseudonyms.end_pseudonyms import (
    Answers,
    EndService,
    anonymize_originals,
    delete_pseudonyms,
)
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.issue_secondary_pseudonyms import issue_secondary_pseudonyms
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms

api = APIBlueprint(
    "pseudonyms",
    __name__,
    url_prefix="/api/v1/domains/<string:domain>",
    abp_tags=[Tag(name="pseudonyms")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)


class DomainPath(BaseModel):
    """The domain, by its name."""

    domain: str = Field(description="name of the domain")


class IssueBody(ListBody):
    """Ask for the pseudonyms of originals."""

    listed = "originals"

    originals: list[Any] = strings(
        "values to pseudonymize, at most 100,000, each at most 4,096 bytes"
    )
    create: bool = Field(True, description="draw pseudonyms for unknown originals")
    atomic: bool = Field(False, description="refuse the whole batch for one bad item")
    count: int | None = Field(
        None, ge=0, le=10_000, description="multi domains: new ones each; 0 = list all"
    )


class ResolveBody(ListBody):
    """Ask for the originals of pseudonyms."""

    listed = "pseudonyms"

    pseudonyms: list[Any] = strings("pseudonyms of this domain, at most 100,000")
    reason: str | None = Field(None, description="why; the grant's purpose if left out")
    atomic: bool = False


class OriginalsBody(ListBody):
    """Name originals whose links are to end."""

    listed = "originals"

    originals: list[Any] = strings("values whose links are to end, at most 100,000")
    atomic: bool = False


class IssueResult(BaseModel):
    """A pseudonym (single domains), pseudonyms (multi domains), or an error in its place."""

    pseudonym: str | None = None
    created: bool | int | None = None
    pseudonyms: list[str] | None = None
    error: ItemError | None = None


class IssueAnswer(BaseModel):
    """The results in the order asked."""

    results: list[IssueResult]


class ResolveResult(BaseModel):
    """The originals of a pseudonym, or an error in its place."""

    originals: list[str] | None = None
    error: ItemError | None = None


class ResolveAnswer(BaseModel):
    """The results in the order asked."""

    results: list[ResolveResult]


class EndResult(BaseModel):
    """The pseudonyms whose links ended, or an error in its place."""

    pseudonyms: list[str] | None = None
    error: ItemError | None = None


class EndAnswer(BaseModel):
    """The results in the order asked."""

    results: list[EndResult]


@api.post("/pseudonyms", responses={200: IssueAnswer}, summary="Issue or look up pseudonyms")
def issue(path: DomainPath, body: IssueBody) -> Response:
    """Answer with the pseudonym of each original; the same original always has the same one."""
    if body.count is None and not body.atomic and may_join(body.originals):
        return respond_list(issue_jointly(path.domain, body.originals, create=body.create), _result)
    actor = calling_actor()
    return answer_list(actor, lambda tx: _issue(tx, actor, path.domain, body), _result)


@api.post("/resolve", responses={200: ResolveAnswer}, summary="Resolve pseudonyms")
def resolve(path: DomainPath, body: ResolveBody) -> Response:
    """Answer with the originals of each pseudonym; needs a standing grant."""
    actor = calling_actor()
    return answer_list(actor, lambda tx: _resolve(tx, actor, path.domain, body), _result)


@api.post("/anonymize", responses={200: EndAnswer}, summary="Destroy links, keep pseudonyms")
def anonymize(path: DomainPath, body: OriginalsBody) -> Response:
    """End the link between each original and its pseudonyms for good."""
    actor = calling_actor()
    return answer_list(
        actor, lambda tx: _end(anonymize_originals, tx, actor, path.domain, body), _ended
    )


@api.post("/delete", responses={200: EndAnswer}, summary="Delete originals and pseudonyms")
def delete(path: DomainPath, body: OriginalsBody) -> Response:
    """Delete each original and its pseudonyms where the domain allows it; tombstones stay."""
    actor = calling_actor()
    return answer_list(
        actor, lambda tx: _end(delete_pseudonyms, tx, actor, path.domain, body), _ended
    )


def _issue(tx: Transaction, actor: Actor, domain: str, body: IssueBody) -> list[Any]:
    center = the_center()
    limit_batch(tx, len(body.originals), atomic=body.atomic)
    if body.count is None:
        return list(
            issue_pseudonyms(
                center,
                tx,
                actor,
                domain_name=domain,
                originals=body.originals,
                create=body.create,
                atomic=body.atomic,
            )
        )
    if body.count and not body.create:
        raise InvalidField("'count' above 0 makes pseudonyms; it contradicts 'create': false.")
    return list(
        issue_secondary_pseudonyms(
            center,
            tx,
            actor,
            domain_name=domain,
            originals=body.originals,
            count=body.count,
            atomic=body.atomic,
        )
    )


def _resolve(tx: Transaction, actor: Actor, domain: str, body: ResolveBody) -> list[Any]:
    limit_batch(tx, len(body.pseudonyms), atomic=body.atomic)
    return list(
        resolve_pseudonyms(
            the_center(),
            tx,
            actor,
            domain_name=domain,
            pseudonyms=body.pseudonyms,
            reason=body.reason,
            atomic=body.atomic,
        )
    )


def _end(
    service: EndService, tx: Transaction, actor: Actor, domain: str, body: OriginalsBody
) -> Answers:
    limit_batch(tx, len(body.originals), atomic=body.atomic)
    return service(
        the_center(),
        tx,
        actor,
        domain_name=domain,
        originals=body.originals,
        atomic=body.atomic,
    )


def _result(item: Issued | IssuedMany | tuple[str, ...] | TTPError) -> dict[str, Any]:
    if isinstance(item, Issued):
        return {"pseudonym": item.pseudonym, "created": item.created}
    if isinstance(item, IssuedMany):
        return {"pseudonyms": item.pseudonyms, "created": item.created}
    return item_error(item) if isinstance(item, TTPError) else {"originals": item}


def _ended(item: tuple[str, ...] | TTPError) -> dict[str, Any]:
    return item_error(item) if isinstance(item, TTPError) else {"pseudonyms": item}
