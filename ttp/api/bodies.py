"""Bodies: how JSON answers are written, and the models that several doors of the API share."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

JSON = "application/json"


class Body(BaseModel):
    """A request body: strict types, unknown fields refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


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


def answer(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(document), status, mimetype=JSON)
