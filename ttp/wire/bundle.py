"""Bundles: many requests in one; a batch answers every entry on its own, a transaction all or nothing.

Entries are answered in their order. An entry that cannot be understood is an error in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from ttp.core.errors import BadRequest, NotFound, TooManyItems, TTPError
from ttp.wire.clinical import ClinicalResource, is_clinical
from ttp.wire.parameters import ResourceInvalid

Json = dict[str, Any]

MAXIMAL_ENTRIES = 10_000


class MethodNotSupported(BadRequest):
    """Only POST is supported here."""

    code = "method-not-supported"


class UnknownOperation(NotFound):
    """No operation has this URL."""

    code = "unknown-operation"


class BundleType(StrEnum):
    """The two kinds of Bundles that are requests."""

    BATCH = "batch"
    TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in a Bundle: the operation's URL relative to the base, and its resource; or why it is none."""

    full_url: str | None
    url: str = ""
    resource: object = None
    error: TTPError | None = None


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """What one entry is answered."""

    full_url: str | None
    status: int
    resource: Json


def read_bundle(document: Json) -> tuple[BundleType, list[Entry]]:
    """The kind and the entries of a Bundle; entries that cannot be understood are errors in their place.

    Raises:
        ResourceInvalid: not a Bundle of type batch or transaction. TooManyItems: over 10,000 entries.
        ClinicalResource: a Bundle of another type, which holds other resources than Parameters.
    """
    if document.get("resourceType") != "Bundle":
        raise ResourceInvalid("What is posted to the base is a Bundle.", expression="Bundle")
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise ResourceInvalid("'entry' is a list.", expression="Bundle.entry")
    if len(entries) > MAXIMAL_ENTRIES:
        raise TooManyItems(f"A Bundle holds at most {MAXIMAL_ENTRIES} entries.")
    return _kind(document, entries), [_entry(entry) for entry in entries]


def answer_bundle(kind: BundleType, answers: Sequence[EntryAnswer]) -> Json:
    """The Bundle that answers one of this kind."""
    return {
        "resourceType": "Bundle",
        "type": f"{kind.value}-response",
        "entry": [_answered(answer) for answer in answers],
    }


def _kind(document: Json, entries: Sequence[object]) -> BundleType:
    try:
        return BundleType(document.get("type", ""))
    except ValueError:
        if any(isinstance(one, dict) and is_clinical(one.get("resource")) for one in entries):
            raise ClinicalResource from None
        raise ResourceInvalid(
            "The type of the Bundle is batch or transaction.", expression="Bundle.type"
        ) from None


def _entry(entry: object) -> Entry:
    if not isinstance(entry, dict):
        return Entry(None, error=ResourceInvalid("An entry is an object."))
    named, request = entry.get("fullUrl"), entry.get("request")
    full_url = named if isinstance(named, str) else None
    if is_clinical(entry.get("resource")):
        return Entry(full_url, error=ClinicalResource())
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        return Entry(full_url, error=ResourceInvalid("An entry has a request with a URL."))
    if request.get("method") != "POST":
        return Entry(full_url, error=MethodNotSupported())
    return Entry(full_url, request["url"], entry.get("resource"))


def _answered(answer: EntryAnswer) -> Json:
    named = {"fullUrl": answer.full_url} if answer.full_url else {}
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    return {**named, "resource": answer.resource, "response": {"status": status}}
