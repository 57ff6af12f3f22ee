"""Source map: what the numbers of one hospital system mean, as its hospital wrote it down in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ttp.core.errors import InvalidField
from ttp.wire.hl7.message import CHARSETS

GKV = "http://fhir.de/sid/gkv/kvid-10"
_KNOWN = frozenset({"record_id", "charset", "time_zone", "ignore", "insurance_types", "systems"})


@dataclass(frozen=True, slots=True)
class SourceMap:
    """How messages of a source are read.

    ``record_id`` is the assigning authority whose number names the record, by default that of the first number.
    ``systems`` gives the system of an assigning authority; ``insurance_types`` are the types (table 0203) of
    insurance numbers; ``ignore`` are events that are acknowledged and nothing else.
    """

    record_id: str | None = None
    charset: str = "8859/1"
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))
    ignore: frozenset[str] = frozenset()
    insurance_types: frozenset[str] = frozenset({"KVNR", "NI", "GKV"})
    systems: Mapping[str, str] = field(default_factory=dict)


def read_source_map(text: str) -> SourceMap:
    """The map of a TOML document.

    Raises:
        InvalidField: it is no TOML, or holds something that is not known.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise InvalidField("The map of a source is no TOML.") from None
    if unknown := set(found) - _KNOWN:
        raise InvalidField(f"The map of a source knows no {', '.join(sorted(unknown))}.")
    values: dict[str, Any] = {
        name: _string(found, name) for name in ("record_id", "charset") if name in found
    }
    values |= {
        name: frozenset(_strings(found, name))
        for name in ("ignore", "insurance_types")
        if name in found
    }
    if "time_zone" in found:
        values["time_zone"] = _zone(_string(found, "time_zone"))
    source_map = SourceMap(**values, systems=_systems(found.get("systems", {})))
    if source_map.charset.upper() not in CHARSETS:
        raise InvalidField("The map of a source names a character set that is not known.")
    return source_map


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found[name]
    if not isinstance(value, str) or not value:
        raise InvalidField(f"In the map of a source {name} is a string.")
    return value


def _strings(found: Mapping[str, Any], name: str) -> list[str]:
    values = found[name]
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise InvalidField(f"In the map of a source {name} is a list of strings.")
    return values


def _systems(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise InvalidField("In the map of a source [systems] gives each authority its system.")
    return dict(found)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidField("The map of a source names a time zone that is not known.") from None
