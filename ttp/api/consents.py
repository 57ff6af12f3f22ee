"""Consents over JSON: statements of a source about its records, in batches."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from ttp.api.bodies import Body, ItemError, problems
from ttp.core.consent import MAXIMAL_CODE, ConsentStatement, Provision
from ttp.core.errors import InvalidField, TTPError
from ttp.core.identifying_data import Identifier
from ttp.core.times import TimeUnreadable, first_moment, last_moment
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.consents.import_consents import Brought, BroughtStatement, import_consents

api = APIBlueprint(
    "consents",
    __name__,
    url_prefix="/api/v1/consents",
    abp_tags=[Tag(name="consents")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 409, 413, 422, 503),
)

_TIME = "a date (YYYY, YYYY-MM, YYYY-MM-DD) or a time with its zone"


class NamedIdentifier(Body):
    """An identifier that some system gave the patient."""

    system: str = Field(min_length=1, max_length=512)
    value: str = Field(min_length=1, max_length=200)


class Statement(Body):
    """What a patient permitted or denied; the patient is named by record ID or by identifier."""

    record_id: str | None = Field(None, max_length=200)
    identifier: NamedIdentifier | None = None
    policy: str = Field(min_length=1, max_length=MAXIMAL_CODE)
    provision: Literal["permit", "deny"]
    valid_from: str = Field(max_length=40, description=_TIME)
    valid_to: str | None = Field(None, max_length=40, description=f"{_TIME}; left out: no end")
    stated_at: str | None = Field(None, max_length=40, description=f"{_TIME}; left out: now")


class ConsentsBody(Body):
    """Statements of one source."""

    source: str = Field(min_length=1, max_length=63)
    statements: list[Statement]
    atomic: bool = False


class Recorded(Body):
    """One answer: recorded, or why not."""

    recorded: bool | None = None
    error: ItemError | None = None


class ConsentsAnswer(Body):
    """One entry per statement, in the order given."""

    results: list[Recorded]


@api.post("", responses={200: ConsentsAnswer}, summary="Record consent statements")
def record(body: ConsentsBody) -> Response:
    """Record each statement; answer in the order given. Nothing that was recorded is ever overwritten."""
    actor = calling_actor()
    statements = [_brought(statement) for statement in body.statements]
    return answer_once(
        actor,
        lambda tx: _packed(
            import_consents(
                the_center(),
                tx,
                actor,
                source=body.source,
                statements=statements,
                atomic=body.atomic,
            )
        ),
    )


def _brought(statement: Statement) -> Brought:
    if (statement.record_id is None) == (statement.identifier is None):
        return InvalidField("A statement names its patient by record_id or by identifier.")
    named = statement.identifier
    try:
        return BroughtStatement(
            Identifier(named.system, named.value) if named else str(statement.record_id),
            statement.policy,
            Provision(statement.provision),
            first_moment(statement.valid_from),
            None if statement.valid_to is None else last_moment(statement.valid_to),
            None if statement.stated_at is None else first_moment(statement.stated_at),
        )
    except TimeUnreadable:
        return InvalidField(f"A time of a statement is {_TIME}.")


def _packed(answers: list[ConsentStatement | TTPError]) -> bytes:
    return orjson.dumps({"results": [_entry(item) for item in answers]})


def _entry(item: ConsentStatement | TTPError) -> dict[str, Any]:
    return item_error(item) if isinstance(item, TTPError) else {"recorded": True}
