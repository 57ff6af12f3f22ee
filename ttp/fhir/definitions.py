"""OperationDefinitions: what each of the six operations takes and gives, for programs that ask (FHIR R4).

They derive (``base``) from the definitions of the guide, which remain the ones to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttp.fhir.calls import Operation

Json = dict[str, Any]

GUIDE = "https://medizininformatik-initiative.de/fhir/fhir-pseudonymization"
PUBLISHED = "2026-11-22"
PATH = "OperationDefinition"

_NAMES = {
    Operation.PSEUDONYMIZE: "Pseudonymize",
    Operation.GET_PSEUDONYM: "GetPseudonym",
    Operation.PSEUDONYMIZE_MULTIPLE: "PseudonymizeMultiple",
    Operation.DE_PSEUDONYMIZE: "DePseudonymize",
    Operation.DELETE_PSEUDONYM: "DeletePseudonyms",
    Operation.ANONYMIZE_ORIGINAL: "AnonymizeOriginals",
}
_PURPOSES = {
    Operation.PSEUDONYMIZE: "Find the pseudonym of an original in a domain, or make it if there is none.",
    Operation.GET_PSEUDONYM: "Find the pseudonym of an original in a domain; never make one.",
    Operation.PSEUDONYMIZE_MULTIPLE: "Make further pseudonyms of an original, or list those it has (count 0).",
    Operation.DE_PSEUDONYMIZE: "Find the original of a pseudonym; needs a standing grant.",
    Operation.DELETE_PSEUDONYM: "Delete an original and its pseudonyms where the domain allows it.",
    Operation.ANONYMIZE_ORIGINAL: "Destroy the link between an original and its pseudonyms for good.",
}
_READS = frozenset({Operation.GET_PSEUDONYM, Operation.DE_PSEUDONYMIZE})


def canonical_of(operation: Operation) -> str:
    """The guide's own URL of an operation's definition."""
    return f"{GUIDE}/OperationDefinition/{_NAMES[operation]}"


def definition_of(operation: Operation, *, base: str) -> Json:
    """The definition of an operation as it is done here; ``base`` is the URL of this endpoint."""
    return {
        "resourceType": "OperationDefinition",
        "id": operation.value,
        "url": f"{base}/{PATH}/{operation.value}",
        "name": _NAMES[operation],
        "title": f"${operation.value}",
        "status": "active",
        "kind": "operation",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": "Treuhandstelle",
        "description": _PURPOSES[operation],
        "affectsState": operation not in _READS,
        "code": operation.value,
        "base": canonical_of(operation),
        "system": True,
        "type": False,
        "instance": False,
        "parameter": [*_takes(operation), *_gives(operation)],
    }


def search_definitions(asked: Mapping[str, str], *, base: str) -> Json:
    """The definitions that have what is asked: ``_id``, ``code``, ``name``, ``url`` or ``base``; others are ignored."""
    every = [definition_of(operation, base=base) for operation in Operation]
    named = {"_id": "id", "code": "code", "name": "name", "url": "url", "base": "base"}
    wanted = {named[name]: value for name, value in asked.items() if name in named}
    found = [one for one in every if all(one[name] == value for name, value in wanted.items())]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if not wanted:
        bundle["link"] = [{"relation": "self", "url": f"{base}/{PATH}"}]
    if found:
        bundle["entry"] = [
            {"fullUrl": one["url"], "resource": one, "search": {"mode": "match"}} for one in found
        ]
    return bundle


def _takes(operation: Operation) -> list[Json]:
    value = f"The {operation.asks_for}, in the value of the Identifier, exactly as it is."
    taken = [
        _parameter("context", "in", 1, "1", "The name or an alias of the domain."),
        _parameter(operation.asks_for, "in", 1, "1", value),
    ]
    if operation is Operation.PSEUDONYMIZE_MULTIPLE:
        text = "How many pseudonyms to make; 0 lists those that there are."
        taken.append(_parameter("count", "in", 1, "1", text, kind="integer"))
    return taken


def _gives(operation: Operation) -> list[Json]:
    if operation.ends_links:
        text = "MSG_DELETED or MSG_UPDATED on success."
        return [_parameter("return", "out", 1, "1", text, kind="OperationOutcome")]
    context = _parameter("context", "out", 0, "1", "The domain, repeated as it was given.")
    given = _parameter(operation.asks_for, "out", 0, "1", "The value, repeated as it was given.")
    if operation is Operation.PSEUDONYMIZE_MULTIPLE:
        value = _parameter("value", "out", 1, "1", "One pseudonym.")
        return [_parts("pseudonym", "A pseudonym of the original.", [context, given, value])]
    if operation is Operation.DE_PSEUDONYMIZE:
        value = _parameter("value", "out", 1, "1", "One original.")
        return [_parts("original", "An original of the pseudonym.", [context, value, given])]
    return [context, given, _parameter("pseudonym", "out", 1, "1", "The pseudonym.")]


def _parameter(
    name: str, use: str, least: int, most: str, text: str, *, kind: str = "Identifier"
) -> Json:
    return {
        "name": name,
        "use": use,
        "min": least,
        "max": most,
        "documentation": text,
        "type": kind,
    }


def _parts(name: str, text: str, parts: list[Json]) -> Json:
    return {
        "name": name,
        "use": "out",
        "min": 1,
        "max": "*",
        "documentation": text,
        "part": parts,
    }
