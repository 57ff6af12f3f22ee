"""The life of pseudonyms over JSON: import pairs, validate, translate, and the tree around one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, ItemError, ListBody, answer, problems, strings
from ttp.api.pseudonyms import DomainPath, IssueAnswer
from ttp.core.errors import TTPError
from ttp.core.pseudonym_tree import TreeNode
from ttp.core.pseudonyms import Issued
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center, write
from ttp.http.idempotency import answer_list
from ttp.http.problems import item_error
from ttp.services.pseudonyms.import_pairs import import_pairs
from ttp.services.pseudonyms.judge_pseudonyms import Judged, judge_pseudonyms
from ttp.services.pseudonyms.limit_batch import limit_batch
from ttp.services.pseudonyms.trace_pseudonyms import trace_pseudonyms
from ttp.services.pseudonyms.translate_pseudonyms import translate_pseudonyms

api = APIBlueprint(
    "pseudonym-life",
    __name__,
    url_prefix="/api/v1/domains/<string:domain>",
    abp_tags=[Tag(name="pseudonyms")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)

_PAIR: dict[str, Any] = {
    "type": "object",
    "properties": {"original": {"type": "string"}, "pseudonym": {"type": "string"}},
    "required": ["original", "pseudonym"],
}


class ImportBody(ListBody):
    """Bring pseudonyms that another system issued."""

    listed = "pairs"

    pairs: list[Any] = Field(
        description='at most 100,000 of {"original", "pseudonym"}, or [original, pseudonym] for short',
        json_schema_extra={"items": _PAIR},
    )
    atomic: bool = Field(False, description="refuse the whole batch for one bad pair")


class ValidateBody(ListBody):
    """Ask whether texts can be pseudonyms of the domain."""

    listed = "pseudonyms"

    pseudonyms: list[Any] = strings("texts to validate, at most 100,000")
    exists: bool = Field(False, description="also tell which exist and what became of them")


class TranslateBody(ListBody):
    """Exchange pseudonyms of this domain for those of another."""

    listed = "pseudonyms"

    pseudonyms: list[Any] = strings("pseudonyms of this domain, at most 100,000")
    into: str = Field(description="name of the other domain")
    create: bool = Field(
        True, description="draw pseudonyms in the other domain where there are none"
    )
    reason: str | None = Field(None, description="why; the grant's purpose if left out")
    atomic: bool = False


class TreeBody(Body):
    """Ask for everything above and below one value."""

    value: str = Field(description="a pseudonym of this domain, or an original")
    kind: Literal["pseudonym", "original"] = "pseudonym"
    reason: str | None = Field(None, description="why; the grant's purpose if left out")


class ValidateResult(BaseModel):
    """What is known of a text. ``state`` and ``valid_until`` only if it was asked whether it exists."""

    valid: bool
    problem: str | None = Field(None, description="what is wrong with the form")
    state: str | None = Field(
        None, description="unknown, active, anonymized, deleted, superseded or expired"
    )
    valid_until: datetime | None = None


class ValidateAnswer(BaseModel):
    """The results in the order asked."""

    results: list[ValidateResult]


class NodeEntry(BaseModel):
    """A pseudonym and what hangs below it."""

    domain: str
    pseudonym: str
    asked: bool
    below: list[NodeEntry]


class TreeAnswer(BaseModel):
    """The tree, from the top down."""

    original: str | None = Field(description="the value at the top, if the caller may see it")
    top: list[NodeEntry]
    hidden: int = Field(description="pseudonyms in domains of others, right below visible ones")
    open_above: bool = Field(
        description="whether there may be more that the caller may not resolve"
    )


class ImportResult(BaseModel):
    """The pseudonym taken over, or an error in its place."""

    pseudonym: str | None = None
    created: bool | None = None
    error: ItemError | None = None


class ImportAnswer(BaseModel):
    """The results in the order given."""

    results: list[ImportResult]


@api.post("/import", responses={200: ImportAnswer}, summary="Import existing pairs")
def bring(path: DomainPath, body: ImportBody) -> Response:
    """Take over pairs of original and pseudonym; what stands is never changed, the same pair again is fine."""
    actor = calling_actor()

    def step(tx: Any) -> list[Issued | TTPError]:
        limit_batch(tx, len(body.pairs), atomic=body.atomic)
        pairs = [_pair(one) for one in body.pairs]
        return import_pairs(
            the_center(), tx, actor, domain_name=path.domain, pairs=pairs, atomic=body.atomic
        )

    return answer_list(actor, step, _issued)


@api.post("/validate", responses={200: ValidateAnswer}, summary="Validate pseudonyms")
def validate(path: DomainPath, body: ValidateBody) -> Response:
    """Say of each text whether it has the form of the domain, what is wrong with it, and if asked whether it exists."""
    actor = calling_actor()
    return answer_list(
        actor,
        lambda tx: judge_pseudonyms(
            the_center(),
            tx,
            actor,
            domain_name=path.domain,
            pseudonyms=body.pseudonyms,
            exists=body.exists,
        ),
        lambda one: _judged(one, told=body.exists),
    )


@api.post("/translate", responses={200: IssueAnswer}, summary="Translate pseudonyms")
def translate(path: DomainPath, body: TranslateBody) -> Response:
    """Exchange pseudonyms for those of another domain without telling originals; needs a standing grant here."""
    actor = calling_actor()

    def step(tx: Any) -> list[Issued | TTPError]:
        limit_batch(tx, len(body.pseudonyms), atomic=body.atomic)
        return translate_pseudonyms(
            the_center(),
            tx,
            actor,
            domain_name=path.domain,
            into=body.into,
            pseudonyms=body.pseudonyms,
            reason=body.reason,
            create=body.create,
            atomic=body.atomic,
        )

    return answer_list(actor, step, _issued)


@api.post("/tree", responses={200: TreeAnswer}, summary="The tree around a pseudonym")
def tree(path: DomainPath, body: TreeBody) -> Response:
    """Answer with all pseudonyms above and below, as far as the caller's rights reach; upwards it is resolving."""
    actor = calling_actor()
    found = write(
        lambda tx: trace_pseudonyms(
            the_center(),
            tx,
            actor,
            domain_name=path.domain,
            pseudonym=body.value if body.kind == "pseudonym" else None,
            original=body.value if body.kind == "original" else None,
            reason=body.reason,
        )
    )
    document = {
        "original": found.original,
        "top": [_node(node) for node in found.top],
        "hidden": found.hidden,
        "open_above": found.open_above,
    }
    return answer(document)


def _pair(one: Any) -> Any:
    return (one.get("original"), one.get("pseudonym")) if isinstance(one, dict) else one


def _issued(item: Issued | TTPError) -> dict[str, Any]:
    if isinstance(item, TTPError):
        return item_error(item)
    return {"pseudonym": item.pseudonym, "created": item.created}


def _judged(item: Judged, *, told: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"valid": item.flaw is None}
    if item.flaw is not None:
        return {**entry, "problem": item.flaw.value}
    if told:
        entry["state"] = item.standing.state.name.lower() if item.standing else "unknown"
        entry["valid_until"] = item.standing.valid_until if item.standing else None
    return entry


def _node(node: TreeNode) -> dict[str, Any]:
    return {
        "domain": node.domain,
        "pseudonym": node.pseudonym,
        "asked": node.asked,
        "below": [_node(one) for one in node.below],
    }
