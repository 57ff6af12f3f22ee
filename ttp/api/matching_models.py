"""Matching models over JSON: which there are, what one weighs, what another would change; two persons put it to use."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal
from uuid import UUID

import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from linkage.classify import Outcome
from ttp.api.approvals import ApprovalEntry, entry_of
from ttp.api.bodies import answer, problems
from ttp.core.access import Actor
from ttp.core.matching_models import UnknownModel
from ttp.core.ports import Transaction
from ttp.core.tasks import Task
from ttp.http.authentication import calling_actor
from ttp.http.center import read, the_center
from ttp.http.idempotency import answer_once
from ttp.services.approvals.settle_approval import at_once_if_alone
from ttp.services.matching.activate_model import activate_model, request_activation
from ttp.services.matching.compare_models import Comparison, compare_models
from ttp.services.matching.learn_model import request_learning
from ttp.services.matching.read_models import ModelView, list_models, show_model

api = APIBlueprint(
    "matching-models",
    __name__,
    url_prefix="/api/v1/matching-models",
    abp_tags=[Tag(name="matching")],
    abp_security=[{"apiKey": []}],
    abp_responses=problems(400, 401, 403, 404, 409, 422, 503),
)


class ModelPath(BaseModel):
    """One model."""

    model: str = Field(description="its name, such as own-1")


class ModelQuery(BaseModel):
    """Which models, the newest first and the shipped one last."""

    state: Literal["shipped", "draft", "active", "retired"] | None = None
    after: str | None = Field(None, description="the last one of the page before")
    limit: int = Field(50, ge=1, le=500)


class ModelEntry(BaseModel):
    """A model; what was learned here tells from what, by whom and when."""

    name: str
    state: str = Field(description="draft, active, retired or, for what came along, shipped")
    records: int | None = None
    pairs: int | None = None
    made_by: str | None = None
    made_at: str | None = None
    activated_at: str | None = None


class ModelList(BaseModel):
    """Some models. ``after`` names the next page."""

    models: list[ModelEntry]
    after: str | None


class Bits(BaseModel):
    """What one agreement of one field weighs."""

    field: str
    agreement: str
    bits: float
    by_value: bool = Field(description="whether the bits of the value are added")


class WeighedModel(ModelEntry):
    """A model with its weights and thresholds in bits."""

    match_at: float
    possible_at: float
    kin: dict[str, float] = Field(description="relatives and the like, per record")
    weights: list[Bits]


class Change(BaseModel):
    """How many pairs of the sample go from one outcome to another."""

    before: str = Field(description="match, possible or non-match")
    after: str
    pairs: int


class ComparisonAnswer(BaseModel):
    """What two models say of the candidates of a sample; nothing was linked."""

    present: str
    other: str
    records: int
    changes: list[Change]


class LearningAnswer(BaseModel):
    """The task in which a worker learns a version; it is a draft until activated."""

    task: UUID
    state: str


@api.get("", responses={200: ModelList}, summary="List matching models")
def list_all(query: ModelQuery) -> Response:
    """Answer with the center's versions, newest first, and the shipped model."""
    actor = calling_actor()
    found = read(lambda tx: list_models(tx, actor))
    names = [one.name for one in found]
    if query.after not in (None, *names):
        raise UnknownModel
    start = names.index(query.after) + 1 if query.after else 0
    chosen = [one for one in found[start:] if query.state in (None, one.state)]
    page = chosen[: query.limit]
    more = page[-1].name if len(chosen) > len(page) else None
    return answer({"models": [_entry(one) for one in page], "after": more})


@api.get("/<string:model>", responses={200: WeighedModel}, summary="Show a matching model")
def show(path: ModelPath) -> Response:
    """Answer with the weights of a model in bits."""
    actor = calling_actor()
    return answer(_weighed(read(lambda tx: show_model(tx, actor, name=path.model))))


@api.post("", responses={200: LearningAnswer}, summary="Learn a matching model")
def learn() -> Response:
    """Let a worker learn a version from the center's own stock; it is a draft until activated."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _task(request_learning(the_center(), tx, actor)))


@api.post(
    "/<string:model>/comparison", responses={200: ComparisonAnswer}, summary="Compare a model"
)
def compare(path: ModelPath) -> Response:
    """Answer with what the model would change, told on a sample; nothing is linked."""
    actor = calling_actor()
    return answer_once(
        actor,
        lambda tx: _comparison(compare_models(the_center(), tx, actor, name=path.model)),
    )


@api.post("/<string:model>/activation", responses={200: ApprovalEntry}, summary="Use a model")
def activate(path: ModelPath) -> Response:
    """Ask for a model to be used, the shipped one to go back; another person approves it."""
    actor = calling_actor()
    return answer_once(actor, lambda tx: _asked(tx, actor, path.model))


def _asked(tx: Transaction, actor: Actor, name: str) -> bytes:
    center = the_center()
    asked = request_activation(center, tx, actor, name=name)
    if at_once_if_alone(center, actor):
        activate_model(center, tx, actor, asked)
        asked = tx.approvals.get(asked.id)
    return orjson.dumps(entry_of(asked))


def _task(task: Task) -> bytes:
    return orjson.dumps({"task": task.id, "state": task.state.value})


def _entry(view: ModelView) -> dict[str, Any]:
    told: dict[str, Any] = {"name": view.name, "state": view.state}
    if (one := view.version) is not None:
        told |= {"records": one.records, "pairs": one.pairs, "made_by": one.made_by}
        told |= {"made_at": one.made_at, "activated_at": one.activated_at}
    return told


def _weighed(view: ModelView) -> dict[str, Any]:
    model = view.parameters
    weights = [
        {"field": field, "agreement": level, "bits": bits, "by_value": by_value}
        for field, level, bits, by_value in view.weights()
    ]
    ends = {"match_at": model.match_at, "possible_at": model.possible_at}
    return _entry(view) | ends | {"kin": dict(model.kin), "weights": weights}


def _comparison(found: Comparison) -> bytes:
    ways = product(Outcome, repeat=2)
    changes = [
        {"before": before.value, "after": after.value, "pairs": found.changed(before, after)}
        for before, after in ways
    ]
    told = {"present": found.present, "other": found.other, "records": found.records}
    return orjson.dumps(told | {"changes": changes})
