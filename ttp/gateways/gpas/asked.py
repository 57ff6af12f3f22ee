"""What is asked: a domain (``target``, of old ``domain``) and values, in Parameters or, of old, in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ttp.wire.parameters import (
    Parameters,
    ResourceInvalid,
    expression_of,
    read_parameters,
)

PROBE = "???"
"""What a client asks for to see whether somebody is there; never the value of a patient."""

_PARTS_EXPRESSION = "Parameters.parameter.where(name='{}').part"


@dataclass(frozen=True, slots=True)
class Asked:
    """Values in one domain, in the order asked. ``by_domain``: the domain was called ``domain``, as in 2020."""

    target: str
    values: tuple[str, ...]
    by_domain: bool = False

    @property
    def is_probe(self) -> bool:
        """Whether nothing but the probe is asked for."""
        return self.values == (PROBE,)


def asked_in_parameters(document: object, name: str) -> Asked:
    """The domain and all values of this name in Parameters.

    Raises:
        ResourceInvalid: a parameter is missing, empty or of another type.
    """
    given = read_parameters(document)
    target = given.one("target", "domain")
    values = tuple(one.text for one in given.by_name.get(name, ()))
    if not values:
        raise _missing(name)
    return Asked(target.text, values, by_domain=target.name == "domain")


def asked_in_query(query: Mapping[str, Sequence[str]], name: str) -> Asked:
    """The domain and all values of this name in the query of a URL.

    Raises:
        ResourceInvalid: a parameter is missing.
    """
    targets = [*query.get("target", ()), *query.get("domain", ())]
    values = tuple(query.get(name, ()))
    if len(targets) != 1 or not targets[0]:
        raise _missing("target")
    if not values:
        raise _missing(name)
    return Asked(targets[0], values, by_domain="target" not in query)


def asked_in_parts(document: object, name: str) -> list[Parameters]:
    """The parts of every parameter of this name, each like Parameters of its own.

    Raises:
        ResourceInvalid: there is none, or it has no parts.
    """
    read_parameters(document)  # refuses what is no Parameters resource
    entries: list[dict[str, Any]] = document["parameter"] if isinstance(document, dict) else []
    parts = [entry.get("part") for entry in entries if entry["name"] == name]
    if not parts:
        raise _missing(name)
    if not all(isinstance(one, list) and one for one in parts):
        raise ResourceInvalid(
            f"Every '{name}' has parts.", expression=_PARTS_EXPRESSION.format(name)
        )
    return [read_parameters({"resourceType": "Parameters", "parameter": one}) for one in parts]


def count_of(parts: Parameters) -> int:
    """The number ``count`` of parts; some clients send it as a string.

    Raises:
        ResourceInvalid: it is missing, or no number.
    """
    given = parts.one("count")
    if given.element == "valueString" and isinstance(given.value, str) and given.value.isdecimal():
        return int(given.value[:9])
    return given.integer


def _missing(name: str) -> ResourceInvalid:
    return ResourceInvalid(f"The parameter '{name}' is missing.", expression=expression_of(name))
