"""Bodies: how JSON answers are written, and the models that several doors of the API share."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

import orjson
from flask import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ttp.http.lines import Lines
from ttp.http.problems import PROBLEM

JSON = "application/json"

Responses = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]
"""What an operation answers, by status, as the OpenAPI document needs it."""


class Body(BaseModel):
    """A request body: strict types, unknown fields refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class ListBody(Body):
    """A request body around one list, ``listed``, which may come as NDJSON (``ttp.http.lines``)."""

    listed: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _of_lines(cls, document: Any) -> Any:
        if not isinstance(document, Lines):
            return document
        if cls.listed in document.options:
            raise ValueError("the list stands in the lines")
        return {**document.options, cls.listed: document.items}


def strings(description: str) -> Any:
    """A list of strings whose items are judged one by one, so that one bad item does not fail the others."""
    return Field(description=description, json_schema_extra={"items": {"type": "string"}})


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    code: str = Field(description="stable, documented, kebab-case")
    title: str
    detail: str = ""
    status: int


class ItemError(BaseModel):
    """What stands in the place of an item that could not be answered."""

    code: str
    detail: str


def problems(*statuses: int) -> Responses:
    """How operations refuse: with a problem document at each of these statuses, in the form ``abp_responses`` takes."""
    refusal = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"content": refusal} for status in statuses}


def answer(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(document), status, mimetype=JSON)
