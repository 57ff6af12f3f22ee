"""Parameters: FHIR R4 operation inputs and outputs; what a caller wrote is repeated exactly as it was written.

The present interface names the domain ``context`` and uses Identifiers; drafts of it, still sent by
clients, name it ``target`` and use strings. A parameter remembers both, so that an answer can mirror them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ttp.core.errors import BadRequest, MalformedBody

Json = dict[str, Any]

MAXIMAL_DEPTH = 16
"""How deep a value that is repeated in the answer may be nested; an Identifier needs seven levels."""


class ResourceInvalid(BadRequest):
    """The resource has not the form the operation needs."""

    code = "resource-invalid"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as given: its name, the element that holds its value (``valueIdentifier``…), the value, parts."""

    name: str
    element: str
    value: Any
    parts: Sequence[object] = ()

    @property
    def text(self) -> str:
        """The string itself, or the value of the Identifier.

        Raises:
            ResourceInvalid: another type, or the value is missing or empty.
        """
        held = self.value.get("value") if self._is_identifier else self.value
        if self.element not in _TEXTUAL or not isinstance(held, str):
            raise _invalid(self.name, "has to be an Identifier with a value")
        if not held:
            raise _invalid(self.name, "has an empty value")
        if self._is_identifier and not _is_shallow(self.value):
            raise _invalid(self.name, "is nested too deep")
        return held

    @property
    def integer(self) -> int:
        """The whole number.

        Raises:
            ResourceInvalid: another type.
        """
        number = isinstance(self.value, int) and not isinstance(self.value, bool)
        if (
            self.element not in {"valueInteger", "valuePositiveInt", "valueUnsignedInt"}
            or not number
        ):
            raise _invalid(self.name, "has to be an integer")
        return int(self.value)

    @property
    def boolean(self) -> bool:
        """The truth value.

        Raises:
            ResourceInvalid: another type.
        """
        if self.element != "valueBoolean" or not isinstance(self.value, bool):
            raise _invalid(self.name, "has to be a boolean")
        return self.value

    def given(self, name: str | None = None) -> Json:
        """The parameter as it was given, to be repeated; under another name if there is one."""
        return {"name": name or self.name, self.element: self.value}

    def like(self, name: str, text: str) -> Json:
        """Another parameter of the same type as this one: a string mirrors a string, an Identifier an Identifier."""
        if self.element == "valueIdentifier":
            return {"name": name, "valueIdentifier": {"value": text}}
        return {"name": name, self.element: text}

    @property
    def _is_identifier(self) -> bool:
        return self.element == "valueIdentifier" and isinstance(self.value, dict)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request. Names the operation does not know are no error (FHIR R4, section 3.2.0.6)."""

    by_name: Mapping[str, Sequence[Parameter]]

    def one(self, *names: str) -> Parameter:
        """The one parameter of these names, of which the first is the present one.

        Raises:
            ResourceInvalid: there is none, or more than one.
        """
        found = self.optional(*names)
        if found is None:
            raise _invalid(names[0], "is missing")
        return found

    def optional(self, *names: str) -> Parameter | None:
        """Like ``one``, but None when there is none."""
        found = [parameter for name in names for parameter in self.by_name.get(name, ())]
        if len(found) > 1:
            raise _invalid(found[0].name, "has to be given once; lists are Bundles")
        return found[0] if found else None


_TEXTUAL = frozenset({"valueIdentifier", "valueString"})


def read_json(body: bytes) -> Json:
    """The resource in a body.

    Raises:
        MalformedBody: not JSON in UTF-8, or not an object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedBody from None
    if not isinstance(document, dict):
        raise MalformedBody("The body is not a FHIR resource.")
    return document


def read_parameters(document: object) -> Parameters:
    """The parameters of a Parameters resource.

    Raises:
        ResourceInvalid: it is another resource, or malformed.
    """
    if not isinstance(document, dict) or document.get("resourceType") != "Parameters":
        raise ResourceInvalid("The operation needs a Parameters resource.", expression="Parameters")
    return _collected(document.get("parameter", []))


def read_parts(parameter: Parameter) -> Parameters:
    """The parts of a parameter, as parameters.

    Raises:
        ResourceInvalid: they are malformed.
    """
    return _collected(parameter.parts)


def _collected(entries: object) -> Parameters:
    if not isinstance(entries, list | tuple):
        raise ResourceInvalid("'parameter' is a list.", expression="Parameters.parameter")
    by_name: dict[str, list[Parameter]] = {}
    for entry in entries:
        parameter = _parameter(entry)
        by_name.setdefault(parameter.name, []).append(parameter)
    return Parameters(by_name)


def parameters(*entries: Json) -> Json:
    """A Parameters resource of these entries."""
    return {"resourceType": "Parameters", "parameter": list(entries)}


def expression_of(name: str) -> str:
    """Where a parameter stands, as FHIRPath."""
    return f"Parameters.parameter.where(name='{name}')"


def _parameter(entry: object) -> Parameter:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ResourceInvalid("A parameter has a name.", expression="Parameters.parameter")
    elements = [key for key in entry if key.startswith("value")]
    if len(elements) > 1:
        raise ResourceInvalid("A parameter has one value.", expression="Parameters.parameter")
    element = elements[0] if elements else ""
    parts = entry.get("part", ())
    return Parameter(
        entry["name"], element, entry.get(element), parts if isinstance(parts, list) else ()
    )


def _is_shallow(value: Json) -> bool:
    level = _inside([value])
    for _ in range(MAXIMAL_DEPTH):
        if not level:
            return True
        level = _inside(level)
    return False


def _inside(level: Sequence[Any]) -> list[Any]:
    """The objects and lists right inside these."""
    found: list[Any] = []
    for one in level:
        for inner in one.values() if isinstance(one, dict) else one:
            if isinstance(inner, dict | list):
                found.append(inner)  # noqa: PERF401 - a comprehension takes three times as long for the usual nothing
    return found


def _invalid(name: str, complaint: str) -> ResourceInvalid:
    return ResourceInvalid(f"The parameter '{name}' {complaint}.", expression=expression_of(name))
