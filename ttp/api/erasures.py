"""Erasures over JSON: end the links of originals in many domains at once, with one signed receipt."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, problems
from ttp.api.pseudonyms import EndResult
from ttp.core.errors import TTPError
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.pseudonyms.erase_originals import (
    Erasure,
    complete_receipt,
    erase_everywhere,
    erase_originals,
)

api = APIBlueprint(
    "erasures",
    __name__,
    url_prefix="/api/v1/erasures",
    abp_tags=[Tag(name="pseudonyms")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)


class ErasedPair(Body):
    """An original in a domain."""

    domain: str
    original: str


class EraseBody(Body):
    """Name originals whose links are to end."""

    pairs: list[ErasedPair] = Field(description="at most 100,000; 10,000 on the embedded database")
    below: bool = Field(False, description="also what hangs below, in child domains")


class EverywhereBody(Body):
    """Name an original or a person whose links are to end in all domains."""

    original: str = Field(description="the original, or the ID of a person")
    person: bool = Field(False, description="whether it is the ID of a person of this center")


class EraseAnswer(BaseModel):
    """What ended, in the order asked, and the receipt."""

    results: list[EndResult]
    receipt: dict[str, Any] = Field(description="signed; see docs/operations.md")


@api.post("", responses={200: EraseAnswer}, summary="Erase originals")
def erase(body: EraseBody) -> Response:
    """End the links of these originals in one transaction; answered once a checkpoint covers it.

    A receipt is given once. With an ``Idempotency-Key`` a lost answer can be had again for a day.
    """
    actor = calling_actor()
    pairs = [(one.domain, one.original) for one in body.pairs]
    return _with_receipt(
        answer_once(
            actor,
            lambda tx: _document(
                erase_originals(the_center(), tx, actor, pairs=pairs, below=body.below)
            ),
        )
    )


@api.post("/everywhere", responses={200: EraseAnswer}, summary="Erase an original everywhere")
def everywhere(body: EverywhereBody) -> Response:
    """End the links of one original, or of all records of a person, in all domains of the caller, as above."""
    actor = calling_actor()
    return _with_receipt(
        answer_once(
            actor,
            lambda tx: _document(
                erase_everywhere(
                    the_center(), tx, actor, original=body.original, person=body.person
                )
            ),
        )
    )


def _document(erasure: Erasure) -> bytes:
    results = [
        item_error(one) if isinstance(one, TTPError) else {"pseudonyms": one}
        for one in erasure.answers
    ]
    return orjson.dumps({"results": results, "receipt": erasure.statement})


def _with_receipt(response: Response) -> Response:
    """Hold the answer back until a checkpoint covers the erasure, also when it is given again."""
    document = orjson.loads(response.get_data())
    document["receipt"] = complete_receipt(the_center(), document["receipt"])
    response.set_data(orjson.dumps(document))
    return response
