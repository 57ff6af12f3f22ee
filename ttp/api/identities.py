"""Identities over JSON and FHIR: register identifying data in batches; no answer ever holds a name."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, ItemError, problems
from ttp.api.hospital import TakenResult, taken_result
from ttp.core.errors import TTPError
from ttp.core.identities import Registered
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.joint_calls import may_join
from ttp.http.joint_registering import register_jointly
from ttp.http.lines import JSON
from ttp.http.problems import item_error
from ttp.services.persons.register_bundle import RegisteredBundle, register_bundle
from ttp.services.persons.register_identities import latest_day, register_identities
from ttp.wire.parameters import read_json
from ttp.wire.registration import Registration, read_registration

api = APIBlueprint(
    "identities",
    __name__,
    url_prefix="/api/v1/identities",
    abp_tags=[Tag(name="identities")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 409, 413, 422, 503),
)

_SOURCE = "where the records come from, such as the name of a clinical system"
_RECORDS = (
    "at most 1,000 objects with record_id, given_name, surname, birth_name, birth_date (YYYY-MM-DD), sex,"
    " postcode, city, kvnr, identifiers (list of system and value), contacts (list of kind, that is phone, email or"
    " street, and value); each needs an identifier or insurance number, or surname and birth date"
)


class RegisterBody(Body):
    """Records of one source."""

    source: str = Field(min_length=1, max_length=63, description=_SOURCE)
    records: list[Any] = Field(
        description=_RECORDS, json_schema_extra={"items": {"type": "object"}}
    )
    atomic: bool = Field(False, description="refuse the whole batch for one bad record")


class FhirQuery(BaseModel):
    """Where the resources come from."""

    source: str = Field(min_length=1, max_length=63, description=_SOURCE)


class RegisterResult(BaseModel):
    """What registering a record came to, or an error in its place."""

    record: str | None = Field(None, description="the record ID that was given")
    outcome: str | None = Field(None, description="new, linked, case, known or changed")
    person: str | None = Field(None, description="only for those who may read persons")
    error: ItemError | None = None


class RegisterAnswer(BaseModel):
    """One entry per record, in the order given."""

    results: list[RegisterResult]


class ConsentResult(BaseModel):
    """How many statements of a Consent were recorded, or an error in its place."""

    recorded: int | None = None
    error: ItemError | None = None


class FhirAnswer(BaseModel):
    """One entry per Patient, Consent and merge told by links, in their order; of other resources nothing is kept."""

    results: list[RegisterResult]
    consents: list[ConsentResult]
    ignored: int
    merges: list[TakenResult]


@api.post("", responses={200: RegisterAnswer}, summary="Register identifying data")
def register(body: RegisterBody) -> Response:
    """Register records; the same record again is known, a changed one becomes a new version."""
    if not body.atomic and may_join(body.records):
        return Response(_packed(register_jointly(body.source, body.records)), mimetype=JSON)
    actor = calling_actor()
    return answer_once(
        actor,
        lambda tx: _packed(
            register_identities(
                the_center(),
                tx,
                actor,
                source=body.source,
                records=body.records,
                atomic=body.atomic,
            )
        ),
    )


@api.post("/fhir", responses={200: FhirAnswer}, summary="Register a FHIR R4 Patient or Bundle")
def register_fhir(query: FhirQuery) -> Response:
    """Register the Patients of a Bundle and record its Consents; nothing else of it is read or kept."""
    actor = calling_actor()
    document = read_json(request.get_data())
    brought = read_registration(document, today=latest_day(the_center()))
    return answer_once(
        actor,
        lambda tx: _packed_bundle(
            register_bundle(
                the_center(),
                tx,
                actor,
                source=query.source,
                patients=brought.patients,
                consents=brought.consents,
                relations=brought.relations,
            ),
            brought,
        ),
    )


def _packed(answers: list[Registered | TTPError]) -> bytes:
    return orjson.dumps({"results": [_result(one) for one in answers]})


def _packed_bundle(done: RegisteredBundle, brought: Registration) -> bytes:
    consents = [
        item_error(one) if isinstance(one, TTPError) else {"recorded": one} for one in done.consents
    ]
    results = [_result(one) for one in done.patients]
    merges = [taken_result(one) for one in done.relations]
    told = {"consents": consents, "ignored": brought.ignored, "merges": merges}
    return orjson.dumps({"results": results, **told})


def _result(item: Registered | TTPError) -> dict[str, Any]:
    if isinstance(item, TTPError):
        return item_error(item)
    found: dict[str, Any] = {"record": item.record_id, "outcome": item.outcome.value}
    return found | ({"person": str(item.person)} if item.person else {})
