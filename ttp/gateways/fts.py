"""The FTSnext gateway: what the trust center agent does between the agents of a clinical and a research domain.

These agents name no project and no receiver, so both stand in the address that each is given: the clinical one gets
``/fts/PROJECT/RECEIVER``, the research one ``/fts/PROJECT``. Everything else is as they send and read it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ttp.core.access import Actor
from ttp.core.date_shifts import Preserve
from ttp.core.durations import read_duration
from ttp.core.errors import InvalidField, MalformedBody, TooMuch, TTPError, UnknownDomain
from ttp.core.ports import Transaction
from ttp.http.authentication import calling_actor
from ttp.http.center import the_center, write
from ttp.http.problems import named_problem, problem_of, problem_response, status_of
from ttp.services.transport.derive_project_values import Shifting
from ttp.services.transport.map_transport import (
    PatientMapping,
    exchange_mapping,
    existing_domain,
    hand_in_mappings,
)

fts = Blueprint("fts", __name__, url_prefix="/fts/<string:project>")

MOST_REQUESTS = 1_000
T = TypeVar("T", bound=BaseModel)


class _Sent(BaseModel):
    """What an agent sends, in its spelling."""

    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)


class Domains(_Sent):
    """``tcaDomains``."""

    pseudonym: str
    salt: str
    date_shift: str


class MappingRequest(_Sent):
    """``TransportMappingRequest``: one patient's bundle. ``maxDateShift`` is a duration, or a number of seconds."""

    patient_identifier: str
    patient_identifier_system: str
    id_mappings: dict[str, str]
    date_mappings: dict[str, str]
    tca_domains: Domains
    max_date_shift: str | int | float
    date_shift_preserve: str


class MappingsRequest(_Sent):
    """``TransportMappingsRequest``: the bundles of many patients, or several of one."""

    requests: list[MappingRequest]


@fts.post("/<string:receiver>/api/v2/cd/transport-mapping")
def transport_mapping(project: str, receiver: str) -> Response:
    """Keep what stands behind the transport IDs of one bundle; the answer is ``transferId``."""
    actor = calling_actor()
    asked = _read(MappingRequest)
    (transfer,) = write(lambda tx: _handed_in(tx, actor, project, receiver, [asked]))
    return _answer({"transferId": transfer})


@fts.post("/<string:receiver>/api/v2/cd/transport-mappings")
def transport_mappings(project: str, receiver: str) -> Response:
    """The same for many bundles in one transaction; the answer is ``transferIds``, in their order."""
    actor = calling_actor()
    asked = _read(MappingsRequest).requests
    if len(asked) > MOST_REQUESTS:
        raise InvalidField(f"A request holds at most {MOST_REQUESTS} mappings.")
    return _answer(
        {"transferIds": write(lambda tx: _handed_in(tx, actor, project, receiver, asked))}
    )


@fts.post("/api/v2/rd/secure-mapping")
def secure_mapping(project: str) -> Response:
    """What stands behind the transport IDs of a transfer, once; the body is the transfer's ID and nothing else."""
    actor = calling_actor()
    transfer = request.get_data(as_text=True).strip().strip('"')
    found = write(
        lambda tx: exchange_mapping(
            the_center(), tx, actor, project_name=project, transfer=transfer
        )
    )
    return _answer({"tidPidMap": found.identifiers, "dateShiftMap": found.dates})


def _handed_in(
    tx: Transaction, actor: Actor, project: str, receiver: str, asked: list[MappingRequest]
) -> list[str]:
    return hand_in_mappings(
        the_center(),
        tx,
        actor,
        project_name=project,
        receiver=receiver,
        mappings=[_mapping(tx, one) for one in asked],
    )


def _mapping(tx: Transaction, asked: MappingRequest) -> PatientMapping:
    """The request in our words. Salts and seeds are pseudonyms where there are domains for them, else derived."""
    if asked.date_shift_preserve not in Preserve.__members__:
        raise InvalidField("'dateShiftPreserve' is NONE, WEEKDAY or DAYTIME.")
    domains = asked.tca_domains
    return PatientMapping(
        patient=asked.patient_identifier,
        system=asked.patient_identifier_system,
        names=asked.id_mappings,
        dates=asked.date_mappings,
        pseudonyms=domains.pseudonym,
        shifting=Shifting(
            _longest(asked.max_date_shift),
            Preserve[asked.date_shift_preserve],
            existing_domain(tx, domains.date_shift),
        ),
        salts=existing_domain(tx, domains.salt),
    )


def _longest(given: str | float) -> timedelta:
    if isinstance(given, str):
        return read_duration(given)
    try:
        return timedelta(seconds=given)
    except (OverflowError, ValueError):
        raise InvalidField("'maxDateShift' is a duration, or a number of seconds.") from None


def _read(model: type[T]) -> T:
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
    if any(problem["type"] == "json_invalid" for problem in problems):
        raise MalformedBody
    raise InvalidField(
        "The request is no transport mapping, or that of an agent that leaves transport IDs to the trust center."
    )


def _answer(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), mimetype="application/json")


def _refused(error: TTPError) -> Response:
    """What is wrong with a request is 400, the one status whose reason the agents tell; overload is 503."""
    if isinstance(error, UnknownDomain) or status_of(error) in {413, 422}:
        return problem_response(400, problem_of(error))
    if isinstance(error, TooMuch):
        return problem_response(503, problem_of(error))
    return named_problem(error)


fts.register_error_handler(TTPError, _refused)
