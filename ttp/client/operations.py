"""Operations: what a center can be asked, said once for sessions of both kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from ttp.client import answers
from ttp.client.answers import (
    Ended,
    Erased,
    Failed,
    FoundPersons,
    Issued,
    IssuedMany,
    Judged,
    Registered,
    Resolved,
    ResolvedPerson,
    Tree,
)

T = TypeVar("T")

REGISTERED_AT_ONCE = 256
MOST_AT_ONCE = 100_000
MOST_PERSONS = 10_000


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """A request for a list, answered item by item.

    Its path, the body's member that holds the items, how one result is read, what else the body says, and how
    many items go into one request at most.
    """

    path: str
    member: str
    read: Callable[[dict[str, Any]], T]
    more: dict[str, Any] = field(default_factory=dict)
    at_once: int = MOST_AT_ONCE


@dataclass(frozen=True, slots=True)
class Single(Generic[T]):
    """A request that is never cut: its path, its body, and how its answer is read."""

    path: str
    body: dict[str, Any]
    read: Callable[[dict[str, Any]], T]


def issuing(domain: str, *, create: bool) -> Operation[Issued | Failed]:
    """Pseudonyms of originals; unknown ones are made if ``create``."""
    return Operation(_in(domain, "pseudonyms"), "originals", answers.issued, {"create": create})


def issuing_many(domain: str, *, count: int) -> Operation[IssuedMany | Failed]:
    """``count`` new secondary pseudonyms of each original; with 0, all that exist."""
    return Operation(
        _in(domain, "pseudonyms"),
        "originals",
        answers.issued_many,
        {"count": count},
        MOST_AT_ONCE // max(1, count),
    )


def resolving(domain: str, *, reason: str | None) -> Operation[Resolved | Failed]:
    """Originals of pseudonyms, under a standing grant whose purpose is the reason if none is given."""
    more = {"reason": reason} if reason else {}
    return Operation(_in(domain, "resolve"), "pseudonyms", answers.resolved, more)


def issuing_persons(domain: str, *, create: bool) -> Operation[Issued | Failed]:
    """Pseudonyms of persons; where one has none it is made if ``create``."""
    path = _in(domain, "persons/pseudonyms")
    return Operation(path, "persons", answers.issued, {"create": create}, MOST_PERSONS)


def resolving_persons(domain: str, *, reason: str | None) -> Operation[ResolvedPerson | Failed]:
    """What sources call the records of persons, under a standing grant."""
    more = {"reason": reason} if reason else {}
    path = _in(domain, "persons/resolve")
    return Operation(path, "pseudonyms", answers.resolved_person, more, MOST_PERSONS)


def anonymizing(domain: str) -> Operation[Ended | Failed]:
    """End the links of originals for good; their pseudonyms stay."""
    return Operation(_in(domain, "anonymize"), "originals", answers.ended)


def deleting(domain: str) -> Operation[Ended | Failed]:
    """Delete originals and pseudonyms where the domain allows it; tombstones stay."""
    return Operation(_in(domain, "delete"), "originals", answers.ended)


def importing(domain: str) -> Operation[Issued | Failed]:
    """Take over pairs of original and pseudonym; what stands is never changed."""
    return Operation(_in(domain, "import"), "pairs", answers.issued)


def validating(domain: str, *, exists: bool) -> Operation[Judged]:
    """Whether texts have the form of the domain; with ``exists`` also what became of them."""
    return Operation(_in(domain, "validate"), "pseudonyms", answers.judged, {"exists": exists})


def translating(
    domain: str, into: str, *, create: bool, reason: str | None
) -> Operation[Issued | Failed]:
    """Exchange pseudonyms for those of another domain, without telling originals."""
    more = {"into": into, "create": create, **({"reason": reason} if reason else {})}
    return Operation(_in(domain, "translate"), "pseudonyms", answers.issued, more)


def tracing(domain: str, value: str, *, original: bool, reason: str | None) -> Single[Tree]:
    """Everything above and below a pseudonym or an original."""
    body = {"value": value, "kind": "original" if original else "pseudonym"}
    more = {"reason": reason} if reason else {}
    return Single(_in(domain, "tree"), {**body, **more}, answers.tree)


def erasing(pairs: Sequence[tuple[str, str]], *, below: bool) -> Single[Erased]:
    """End the links of (domain, original) pairs in one transaction, with one receipt."""
    body = {"pairs": [{"domain": d, "original": o} for d, o in pairs], "below": below}
    return Single("/api/v1/erasures", body, lambda found: answers.erased(found, len(pairs)))


def looking_up() -> Operation[FoundPersons]:
    """Persons by their records, identifiers or IDs."""
    return Operation("/api/v1/persons/lookup", "asked", answers.found_persons, {}, 1000)


def registering(source: str) -> Operation[Registered | Failed]:
    """Register identifying data of one source."""
    return Operation(
        "/api/v1/identities", "records", answers.registered, {"source": source}, REGISTERED_AT_ONCE
    )


def announcing(source: str) -> Operation[Registered | Failed]:
    """Say what a source says of its records, in its order."""
    return Operation(
        "/api/v1/identities/messages",
        "messages",
        answers.registered,
        {"source": source},
        REGISTERED_AT_ONCE,
    )


def _in(domain: str, action: str) -> str:
    return f"/api/v1/domains/{quote(domain, safe='')}/{action}"
