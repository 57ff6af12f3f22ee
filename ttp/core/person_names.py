"""Names of persons: how a client says whose pseudonym it wants, by what a source or another system calls them.

The center's own IDs of persons never leave it. A person is named by a record, (source, record ID), or by an external
identifier, (system, value).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ttp.core.errors import BadRequest, Conflict, NotFound
from ttp.core.identifying_data import LONGEST_SYSTEM, LONGEST_VALUE, Identifier

MOST_PERSONS = 10_000
"""How many persons a request may name."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_RECORD = frozenset({"source", "record_id"})
_IDENTIFIER = frozenset({"system", "value"})
_LONGEST = {
    "source": LONGEST_VALUE,
    "record_id": LONGEST_VALUE,
    "system": LONGEST_SYSTEM,
    "value": LONGEST_VALUE,
}


class InvalidPersonName(BadRequest):
    """A person is named by source and record ID, or by system and value of an identifier."""

    code = "invalid-person-name"


class UnknownRecord(NotFound):
    """No record of this source has this name, or none bears this identifier."""

    code = "unknown-record"


class SeveralPersons(Conflict):
    """The identifier is borne by records of several persons; somebody has to look at them first."""

    code = "several-persons"


@dataclass(frozen=True, slots=True, order=True)
class RecordName:
    """What a source calls a record."""

    source: str
    record_id: str


PersonName = RecordName | Identifier


def checked_person_name(value: object) -> PersonName:
    """The name in an object of ``source`` and ``record_id``, or of ``system`` and ``value``.

    Raises:
        InvalidPersonName: anything else; empty, too long or with control characters.
    """
    if isinstance(value, RecordName | Identifier):
        return value
    if not isinstance(value, Mapping) or value.keys() not in (_RECORD, _IDENTIFIER):
        raise InvalidPersonName
    words = {name: _word(name, word) for name, word in value.items()}
    return RecordName(**words) if "source" in words else Identifier(**words)


def in_records(names: Sequence[PersonName]) -> list[tuple[str, str]]:
    """Those that name a record, as (source, record ID), each once."""
    return list(
        dict.fromkeys((one.source, one.record_id) for one in names if isinstance(one, RecordName))
    )


def in_identifiers(names: Sequence[PersonName]) -> list[Identifier]:
    """Those that name an identifier, each once."""
    return list(dict.fromkeys(one for one in names if isinstance(one, Identifier)))


def _word(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidPersonName
    word = value if name == "source" else value.strip()  # as registration reads them
    if not 1 <= len(word) <= _LONGEST[name] or _CONTROL.search(word):
        raise InvalidPersonName
    return word
