"""Patient links: which Patients a source says were replaced by which (FHIR R4, Patient.link)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ttp.core.errors import InvalidField, TTPError
from ttp.core.hospital import Relation, RelationMessage

_REPLACED_BY, _REPLACES = "replaced-by", "replaces"

Json = Mapping[str, Any]


def read_links(patient: Json, named: Mapping[str, Json]) -> Iterator[RelationMessage | TTPError]:
    """The merges a Patient speaks of; references inside the Bundle are followed. Other types of links are not read."""
    links = patient.get("link")
    for link in links if isinstance(links, list) else ():
        kind = link.get("type") if isinstance(link, Mapping) else None
        if kind in {_REPLACED_BY, _REPLACES}:
            yield _relation(patient.get("id"), link, kind, named)


def is_replaced(patient: Json) -> bool:
    """Whether the Patient says that another one took its place."""
    links = patient.get("link")
    return isinstance(links, list) and any(
        isinstance(link, Mapping) and link.get("type") == _REPLACED_BY for link in links
    )


def _relation(
    own: object, link: Json, kind: str, named: Mapping[str, Json]
) -> RelationMessage | TTPError:
    other = _other(link, named)
    if not isinstance(own, str) or not own or other is None:
        return InvalidField("A link of a Patient names no other Patient by reference.")
    first, second = (own, other) if kind == _REPLACED_BY else (other, own)
    return RelationMessage(Relation.REPLACED, first, second, by_reference=True)


def _other(link: Json, named: Mapping[str, Json]) -> str | None:
    other = link.get("other")
    reference = other.get("reference") if isinstance(other, Mapping) else None
    if not isinstance(reference, str):
        return None
    within = named.get(reference, {}).get("id")
    if isinstance(within, str):
        return within
    kind, _, name = reference.partition("/_history/")[0].rpartition("/")
    return name if name and kind.rpartition("/")[2] == "Patient" else None
