"""Writing and reading the JSON of Vfps: what protocol buffers become in JSON (proto3, section JSON mapping)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ttp.core.errors import InvalidField, MalformedBody
from ttp.gateways.vfps.namespaces import Method, Namespace
from ttp.gateways.vfps.pseudonyms import Told, ToldPage

Json = dict[str, Any]

METHODS = "PSEUDONYM_GENERATION_METHOD_"


class Fields:
    """The fields of a message; each may be called in ``camelCase`` or ``snake_case``, unknown ones are refused."""

    def __init__(self, body: bytes, known: frozenset[str]) -> None:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise MalformedBody from None
        if not isinstance(given, dict):
            raise MalformedBody("The body is not a JSON object.")
        self._given = {_snake(name): value for name, value in given.items()}
        if not self._given.keys() <= known:
            raise InvalidField("The message has a field that is not known here.")

    def text(self, name: str) -> str:
        """A string; an absent one is empty. Raises InvalidField: another type."""
        value = self._given.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise InvalidField(f"The field '{name}' is a string.")
        return value

    def number(self, name: str) -> int:
        """A number that is not negative, also as a string; an absent one is 0. Raises InvalidField."""
        value = self._given.get(name) or 0
        if isinstance(value, str) and value.isdecimal() and len(value) < 10:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
            raise InvalidField(f"The field '{name}' is a number that is not negative.")
        return value

    def method(self, name: str) -> Method:
        """A method by name or number. Raises InvalidField: there is no such method."""
        value = self._given.get(name) or 0
        try:
            if isinstance(value, str):
                return Method[value.removeprefix(METHODS)]
            return Method(value)
        except (KeyError, ValueError):
            raise InvalidField(f"The field '{name}' names no method.") from None


NAMESPACE_FIELDS = frozenset(
    {
        "name",
        "pseudonym_generation_method",
        "pseudonym_length",
        "pseudonym_prefix",
        "pseudonym_suffix",
        "description",
    }
)
PSEUDONYM_FIELDS = frozenset({"namespace", "original_value"})


def namespace_in(body: bytes) -> Namespace:
    """The namespace that a body asks for. Raises MalformedBody, InvalidField."""
    fields = Fields(body, NAMESPACE_FIELDS)
    return Namespace(
        fields.text("name"),
        fields.method("pseudonym_generation_method"),
        fields.number("pseudonym_length"),
        fields.text("pseudonym_prefix"),
        fields.text("pseudonym_suffix"),
        fields.text("description"),
    )


def original_in(body: bytes) -> str:
    """The original that a body asks the pseudonym of. Raises MalformedBody, InvalidField."""
    return Fields(body, PSEUDONYM_FIELDS).text("original_value")


def namespace_json(told: Namespace) -> Json:
    """A namespace in an answer."""
    return {
        "name": told.name,
        "description": told.description,
        "pseudonymGenerationMethod": f"{METHODS}{told.method.name}",
        "pseudonymLength": told.length,
        "pseudonymPrefix": told.prefix,
        "pseudonymSuffix": told.suffix,
    }


def pseudonym_json(told: Told) -> Json:
    """A pseudonym in an answer; without a time where none is known."""
    entry: Json = {
        "namespace": told.namespace,
        "originalValue": told.original or "",
        "pseudonymValue": told.pseudonym,
    }
    if told.created_at is None:
        return entry
    at = told.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"meta": {"createdAt": at, "lastUpdatedAt": at}, **entry}


def page_json(told: ToldPage) -> Json:
    """A page of pseudonyms in an answer; 64-bit numbers are strings."""
    total: Mapping[str, str] = {} if told.total is None else {"totalSize": str(told.total)}
    return {
        "namespace": told.namespace,
        **total,
        "nextPageToken": told.next,
        "pseudonyms": [pseudonym_json(one) for one in told.pseudonyms],
    }


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
