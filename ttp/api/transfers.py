"""Transport over JSON: transfers between clients of a project, date shifts and salts; all in lists."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ttp.api.bodies import Body, ItemError, answer, problems, strings
from ttp.core.access import Actor
from ttp.core.date_shifts import Preserve
from ttp.core.durations import read_duration
from ttp.core.errors import InvalidField, TTPError
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center, write
from ttp.http.idempotency import answer_once
from ttp.http.problems import item_error
from ttp.services.transport.derive_project_values import (
    Shifting,
    derive_date_shifts,
    derive_salts,
    derive_seeds,
)
from ttp.services.transport.exchange_transfer import exchange_transfer, exchange_transport_ids
from ttp.services.transport.hand_in_transfer import Item, hand_in_transfer

api = APIBlueprint(
    "transfers",
    __name__,
    url_prefix="/api/v1/projects/<string:project>",
    abp_tags=[Tag(name="transport")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
)


class ProjectPath(BaseModel):
    """The project, by its name."""

    project: str


class ItemBody(Body):
    """A value as it is, or a domain and an original or a pseudonym of it."""

    value: str | None = None
    original: str | None = Field(None, description="its pseudonym is carried, drawn if need be")
    pseudonym: str | None = Field(None, description="a pseudonym that exists")
    domain: str | None = None


class TransferBody(Body):
    """Hand values in for one receiver."""

    receiver: str = Field(description="name of a client")
    items: list[ItemBody] = Field(description="at most 100,000; 10,000 on SQLite")
    expires_in: str | None = Field(None, description="ISO 8601, at most PT24H; PT10M if left out")


class ExchangeBody(Body):
    """Exchange a whole transfer, or some transport IDs."""

    transfer: str | None = None
    transport_ids: list[str] | None = None


class ShiftBody(Body):
    """Ask how far dates are to be moved."""

    originals: list[Any] = strings("patients, at most 100,000")
    max_shift: str = Field("P14D", description="ISO 8601 duration without months and years")
    preserve: str = Field("none", description="none, daytime (whole days) or weekday (whole weeks)")
    give: str = Field("shift", description="shift (milliseconds) or seed (32 bytes, base64url)")
    legacy_domain: str | None = Field(
        None, description="domain with the seeds of FTSnext's agent, to go on with its shifts"
    )
    legacy_discard: int = Field(1, ge=0, le=1, description="numbers that its version discards")


class SaltBody(Body):
    """Ask for salts."""

    originals: list[Any] = strings("patients, at most 100,000")


class TransferAnswer(BaseModel):
    """The transfer, until when it waits, and a transport ID for each item, in the order given."""

    transfer: str
    expires_at: datetime
    transport_ids: list[str]


class ExchangeAnswer(BaseModel):
    """What each transport ID stands for."""

    mapping: dict[str, str]


class ShiftResult(BaseModel):
    """The shift, or the seed, or an error in its place."""

    shift_ms: int | None = Field(None, description="milliseconds")
    seed: str | None = Field(None, description="32 bytes, base64url")
    error: ItemError | None = None


class ShiftAnswer(BaseModel):
    """The results in the order asked."""

    results: list[ShiftResult]


class SaltResult(BaseModel):
    """The salt, or an error in its place."""

    salt: str | None = Field(None, description="32 bytes, base64url")
    error: ItemError | None = None


class SaltAnswer(BaseModel):
    """The results in the order asked."""

    results: list[SaltResult]


@api.post("/transfers", responses={200: TransferAnswer}, summary="Hand in a transfer")
def hand_in(path: ProjectPath, body: TransferBody) -> Response:
    """Answer with the transfer's ID and one transport ID per item, in the order given."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _hand_in(tx, actor, path.project, body))


@api.post(
    "/transfers/exchange", responses={200: ExchangeAnswer}, summary="Exchange a transfer, once"
)
def exchange(path: ProjectPath, body: ExchangeBody) -> Response:
    """Answer with what each transport ID stands for; a second time the answer is 409."""
    actor = calling_actor()
    return answer({"mapping": write(lambda tx: _exchange(tx, actor, path.project, body))})


@api.post("/date-shifts", responses={200: ShiftAnswer}, summary="Derive date shifts")
def date_shifts(path: ProjectPath, body: ShiftBody) -> Response:
    """Answer with the shift or seed of each original; the same whenever it is asked."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _shifts(tx, actor, path.project, body))


@api.post("/salts", responses={200: SaltAnswer}, summary="Derive salts of stable IDs")
def salts(path: ProjectPath, body: SaltBody) -> Response:
    """Answer with 32 bytes (base64url) for each original; the same whenever it is asked."""
    actor = calling_actor()

    def step(tx: Transaction) -> bytes:
        found = derive_salts(
            the_center(), tx, actor, project_name=path.project, originals=body.originals
        )
        return _results("salt", [_text(one) for one in found])

    return answer_once(actor, step)


def _hand_in(tx: Transaction, actor: Actor, project: str, body: TransferBody) -> bytes:
    handed = hand_in_transfer(
        the_center(),
        tx,
        actor,
        project_name=project,
        receiver=body.receiver,
        items=[Item(one.value, one.original, one.pseudonym, one.domain) for one in body.items],
        lifetime=read_duration(body.expires_in) if body.expires_in is not None else None,
    )
    return orjson.dumps(
        {
            "transfer": handed.transfer,
            "expires_at": handed.expires_at.isoformat(timespec="seconds"),
            "transport_ids": handed.transport_ids,
        }
    )


def _exchange(tx: Transaction, actor: Actor, project: str, body: ExchangeBody) -> dict[str, str]:
    if body.transfer is not None and body.transport_ids is not None:
        raise InvalidField("Exchange either a transfer or transport IDs.")
    center = the_center()
    if body.transfer is not None:
        return exchange_transfer(center, tx, actor, project_name=project, transfer=body.transfer)
    names = body.transport_ids or []
    return exchange_transport_ids(center, tx, actor, project_name=project, names=names)


def _shifts(tx: Transaction, actor: Actor, project: str, body: ShiftBody) -> bytes:
    if body.give not in {"shift", "seed"} or body.preserve not in set(Preserve):
        raise InvalidField(
            "'give' is shift or seed, 'preserve' is none, daytime or weekday.", fields=["give"]
        )
    center = the_center()
    if body.give == "seed":
        seeds = derive_seeds(center, tx, actor, project_name=project, originals=body.originals)
        return _results("seed", [_text(one) for one in seeds])
    shifting = Shifting(
        read_duration(body.max_shift),
        Preserve(body.preserve),
        body.legacy_domain,
        body.legacy_discard,
    )
    shifts = derive_date_shifts(
        center, tx, actor, project_name=project, originals=body.originals, shifting=shifting
    )
    return _results("shift_ms", list(shifts))


def _text(value: bytes | TTPError) -> str | TTPError:
    if isinstance(value, TTPError):
        return value
    return urlsafe_b64encode(value).decode().rstrip("=")


def _results(name: str, values: list[Any]) -> bytes:
    results = [item_error(one) if isinstance(one, TTPError) else {name: one} for one in values]
    return orjson.dumps({"results": results})
