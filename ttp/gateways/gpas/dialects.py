"""Dialects: three generations of answers to the same question, told apart by how it was asked.

Since 1.10.3 values are Identifiers; 1.10.2 (operation names with dashes, POST) had strings in a result set; before it
(GET) the parameter was named after the value that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from ttp.core.errors import TTPError
from ttp.wire.issue_codes import Coding, error_coding

Json = dict[str, Any]

SYSTEM = "https://ths-greifswald.de/gpas"


class Pair(NamedTuple):
    """An original and its pseudonym in a domain; what is not known is None."""

    target: str
    original: str | None
    pseudonym: str | None


class Dialect(Enum):
    """A generation of answers."""

    PRESENT = "1.10.3"
    RESULT_SET = "1.10.2"
    NAMED = "1.10.1"

    def found(self, pair: Pair, *, asked: str, answer: str) -> Json:
        """One pair that was found: ``answer`` names its parameter, ``asked`` says which of its values was given."""
        if self is Dialect.NAMED:
            other = "pseudonym" if asked == "original" else "original"
            return {"name": getattr(pair, asked), "valueString": getattr(pair, other)}
        name = answer if self is Dialect.PRESENT else "pseudonym-result-set"
        return {"name": name, "part": self._parts(pair)}

    def failed(self, pair: Pair, error: TTPError) -> Json:
        """One value that could not be answered."""
        return {
            "name": "error",
            "part": [*self._parts(pair), coded("error-code", error_coding(error))],
        }

    def _parts(self, pair: Pair) -> list[Json]:
        write: Callable[[str, str], Json] = identified if self is Dialect.PRESENT else stringed
        given = (
            ("original", pair.original),
            ("target", pair.target),
            ("pseudonym", pair.pseudonym),
        )
        return [write(name, value) for name, value in given if value is not None]


def identified(name: str, value: str) -> Json:
    """A part with an Identifier."""
    return {"name": name, "valueIdentifier": {"system": SYSTEM, "value": value}}


def stringed(name: str, value: str) -> Json:
    """A part with a string."""
    return {"name": name, "valueString": value}


def coded(name: str, coding: Coding) -> Json:
    """A part with a Coding."""
    return {"name": name, "valueCoding": coding}
