"""Hospital systems over JSON: merges and messages about records of one source; no answer ever holds a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, ItemError, problems
from ttp.core.access import Actor
from ttp.core.errors import TTPError
from ttp.core.hospital import Message, Taken
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.hospital.take_hospital_messages import take_hospital_messages
from ttp.wire.announcements import read_merge, read_message

api = APIBlueprint(
    "hospital",
    __name__,
    url_prefix="/api/v1/identities",
    abp_tags=[Tag(name="identities")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 409, 413, 422, 503),
)

_SOURCE = "the system whose records these are; it speaks of its own records only"


class MergesBody(Body):
    """Merges that one source announces."""

    source: str = Field(min_length=1, max_length=63, description=_SOURCE)
    merges: list[Any] = Field(
        description="at most 1,000 objects with replaced and surviving (record IDs) and, if given, record (data"
        " of the surviving one), at (RFC 3339) and ended (true takes the merge back)",
        json_schema_extra={"items": {"type": "object"}},
    )


class MessagesBody(Body):
    """Messages of one source, in the order in which they were sent."""

    source: str = Field(min_length=1, max_length=63, description=_SOURCE)
    messages: list[Any] = Field(
        description="at most 1,000 objects with kind (record, replaced, linked or parted), at (RFC 3339), record"
        " (absent fields stay, null deletes) and, but for records, first and second (record IDs)",
        json_schema_extra={"items": {"type": "object"}},
    )


class TakenResult(BaseModel):
    """What a message came to, or an error in its place."""

    record: str | None = Field(None, description="the record ID it speaks of")
    outcome: str | None = Field(
        None,
        description="joined, asked, awaited, parted, still-joined, known, outdated; of records new, linked, case,"
        " known, changed",
    )
    error: ItemError | None = None


class TakenAnswer(BaseModel):
    """One entry per message, in the order given."""

    results: list[TakenResult]


@api.post("/merges", responses={200: TakenAnswer}, summary="Announce merges of records")
def merges(body: MergesBody) -> Response:
    """Join records that their source merged; what people decided otherwise becomes a case."""
    return _taken(calling_actor(), body.source, [read_merge(one) for one in body.merges])


@api.post("/messages", responses={200: TakenAnswer}, summary="Take messages of a source")
def messages(body: MessagesBody) -> Response:
    """Register, update, join and part records as messages say, in their order; older news change nothing."""
    return _taken(calling_actor(), body.source, [read_message(one) for one in body.messages])


def taken_result(item: Taken | TTPError) -> dict[str, Any]:
    """An entry of the answer."""
    if isinstance(item, TTPError):
        return item_error(item)
    return {"record": item.record_id, "outcome": item.outcome.value}


def _taken(actor: Actor, source: str, items: Sequence[Message | TTPError]) -> Response:
    return answer_once(
        actor,
        lambda tx: orjson.dumps(
            {
                "results": [
                    taken_result(one)
                    for one in take_hospital_messages(
                        the_center(), tx, actor, source=source, messages=items
                    )
                ]
            }
        ),
    )
