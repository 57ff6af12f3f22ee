"""Identifiers: how one is exchanged, marked or masked as the core data set Person has it.

The profile PatientPseudonymisiert (MII core data set, module Person 2025.0.1) knows a pseudonym by the type
``PSEUDED`` and a masked insurance number by an absent value with the reason ``masked``, type ``KVZ10`` and the
insurer's number (IKNR) kept. What is inserted is always the same text, so that resolving takes out exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ttp.client.files.json_text import Kind, Node, Splice

KVID_SYSTEM: Final = "http://fhir.de/sid/gkv/kvid-10"
PSEUDED: Final = "PSEUDED"
PSEUDED_CODING: Final = (
    '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"PSEUDED"}'
)
KVZ10: Final = "KVZ10"
KVZ10_CODING: Final = (
    '{"system":"http://fhir.de/CodeSystem/identifier-type-de-basis","code":"KVZ10"}'
)
MASKED: Final = (
    '{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason",'
    '"valueCode":"masked"}]}'
)
MEMBERS: Final = frozenset(
    {
        "identifier",
        "valueIdentifier",
        "masterIdentifier",
        "groupIdentifier",
        "requisition",
        "accessionIdentifier",
        "preAdmissionIdentifier",
    }
)
"""Elements of R4 that hold an Identifier, wherever they stand."""


def type_codes(identifier: Node) -> frozenset[str]:
    """The codes of an identifier's type."""
    kind = identifier.at("type")
    codings = kind.at("coding") if kind else None
    codes = (coding.says("code") for coding in codings.items) if codings else ()
    return frozenset(code for code in codes if code)


def with_coding(identifier: Node, coding: str) -> Splice:
    """Add a coding to the identifier's type, before all others."""
    place, start, end = _coding_places(identifier, coding)[-1]
    return Splice(place.start + 1, place.start + 1, (start + end,), quoted=False)


def without_coding(text: str, identifier: Node, coding: str) -> Iterator[Splice]:
    """Take out what ``with_coding`` added; nothing if somebody else wrote it."""
    for place, start, _ in _coding_places(identifier, coding):
        at = place.start + 1
        if text.startswith(start, at):
            comma = text.startswith(",", at + len(start))
            yield Splice(at, at + len(start) + comma, (), quoted=False)
            return


def masked(owner: Node, name: str) -> Iterator[Splice]:
    """Put the reason ``masked`` in the place of a primitive element's value."""
    value, beside = owner.members[name], owner.at(f"_{name}")
    if beside is None:
        yield Splice(value.named_at, value.end, (f'"_{name}":{MASKED}',), quoted=False)
        return
    yield Splice(beside.start, beside.end, (MASKED,), quoted=False)
    members = list(owner.members.values())
    at = members.index(value)
    if at + 1 < len(members):
        yield Splice(value.named_at, members[at + 1].named_at, (), quoted=False)
    else:
        yield Splice(members[at - 1].end, value.end, (), quoted=False)


def _coding_places(identifier: Node, coding: str) -> list[tuple[Node, str, str]]:
    """Where a coding may stand, from outside in: the bracket before it, the text, and the comma it needs."""
    places = [(identifier, f'"type":{{"coding":[{coding}]}}', _comma(identifier))]
    kind = identifier.at("type")
    if kind is None or kind.kind is not Kind.OBJECT:
        return places
    places.append((kind, f'"coding":[{coding}]', _comma(kind)))
    codings = kind.at("coding")
    if codings is None or codings.kind is not Kind.ARRAY:
        return places
    return [*places, (codings, coding, _comma(codings))]


def _comma(node: Node) -> str:
    return "," if node.members or node.items else ""
