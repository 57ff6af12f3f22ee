"""Pseudonyms of persons over JSON: asked for by what sources and other systems call them, in batches, in order."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import ItemError, ListBody, problems, strings
from ttp.api.pseudonyms import DomainPath
from ttp.core.errors import TTPError
from ttp.core.person_names import RecordName
from ttp.core.pseudonyms import Issued
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_list
from ttp.http.problems import item_error
from ttp.services.pseudonyms.issue_person_pseudonyms import issue_person_pseudonyms
from ttp.services.pseudonyms.resolve_persons import resolve_persons

api = APIBlueprint(
    "person-pseudonyms",
    __name__,
    url_prefix="/api/v1/domains/<string:domain>/persons",
    abp_tags=[Tag(name="pseudonyms")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)

_NAMES = (
    'at most 10,000 of {"source", "record_id"}, what a source calls a record, or {"system", "value"}, an external'
    " identifier"
)


class PersonsBody(ListBody):
    """Ask for the pseudonyms of persons."""

    listed = "persons"

    persons: list[Any] = Field(description=_NAMES, json_schema_extra={"items": {"type": "object"}})
    create: bool = Field(True, description="draw pseudonyms for persons that have none")
    atomic: bool = Field(False, description="refuse the whole batch for one bad item")


class ResolvePersonsBody(ListBody):
    """Ask for the records of the persons behind pseudonyms."""

    listed = "pseudonyms"

    pseudonyms: list[Any] = strings("pseudonyms of this domain, at most 10,000")
    reason: str | None = Field(None, description="why; the grant's purpose if left out")
    atomic: bool = False


class PersonResult(BaseModel):
    """The pseudonym of a person, or an error in its place."""

    pseudonym: str | None = None
    created: bool | None = None
    error: ItemError | None = None


class NamedPersonsAnswer(BaseModel):
    """The results in the order asked."""

    results: list[PersonResult]


class RecordItem(BaseModel):
    """What a source calls a record."""

    source: str
    record_id: str


class ResolvedPerson(BaseModel):
    """The records of a person, by age, or an error in their place."""

    records: list[RecordItem] | None = None
    error: ItemError | None = None


class ResolvedPersonsAnswer(BaseModel):
    """The results in the order asked."""

    results: list[ResolvedPerson]


@api.post("/pseudonyms", responses={200: NamedPersonsAnswer}, summary="Pseudonyms of persons")
def issue(path: DomainPath, body: PersonsBody) -> Response:
    """Answer with the one pseudonym of the person behind each name; two names of one person have the same."""
    actor = calling_actor()
    return answer_list(
        actor,
        lambda tx: issue_person_pseudonyms(
            the_center(),
            tx,
            actor,
            domain_name=path.domain,
            persons=body.persons,
            create=body.create,
            atomic=body.atomic,
        ),
        _issued,
    )


@api.post("/resolve", responses={200: ResolvedPersonsAnswer}, summary="Records behind pseudonyms")
def resolve(path: DomainPath, body: ResolvePersonsBody) -> Response:
    """Answer with what sources call the records of each person; needs a standing grant."""
    actor = calling_actor()
    return answer_list(
        actor,
        lambda tx: resolve_persons(
            the_center(),
            tx,
            actor,
            domain_name=path.domain,
            pseudonyms=body.pseudonyms,
            reason=body.reason,
            atomic=body.atomic,
        ),
        _resolved,
    )


def _issued(item: Issued | TTPError) -> dict[str, Any]:
    if isinstance(item, TTPError):
        return item_error(item)
    return {"pseudonym": item.pseudonym, "created": item.created}


def _resolved(item: tuple[RecordName, ...] | TTPError) -> dict[str, Any]:
    if isinstance(item, TTPError):
        return item_error(item)
    return {"records": [{"source": one.source, "record_id": one.record_id} for one in item]}
