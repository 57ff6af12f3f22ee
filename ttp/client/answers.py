"""Answers: what a center says about each item, as types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ttp.client.errors import AnswerInvalid


@dataclass(frozen=True, slots=True)
class Issued:
    """The pseudonym of an original, and whether this call made it."""

    pseudonym: str
    created: bool


@dataclass(frozen=True, slots=True)
class IssuedMany:
    """Secondary pseudonyms of an original in order of creation, and how many of them this call made."""

    pseudonyms: tuple[str, ...]
    created: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """The originals behind a pseudonym."""

    originals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResolvedPerson:
    """What sources call the records of the person behind a pseudonym: (source, record ID), the oldest first."""

    records: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The pseudonyms whose links to an original ended."""

    pseudonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a text has the form of a domain, what is wrong with it, and, if asked, what became of it."""

    valid: bool
    problem: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Erased:
    """What ended, original by original, and the signed receipt."""

    results: tuple[Ended | Failed, ...]
    receipt: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A pseudonym and what hangs below it; ``asked``: it is the one that was asked for."""

    domain: str
    pseudonym: str
    asked: bool
    below: tuple[TreeNode, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything around a pseudonym: the original at the top if the caller may see it, and how many are hidden."""

    original: str | None
    top: tuple[TreeNode, ...]
    hidden: int
    open_above: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering a record came to: ``new``, ``linked``, ``case``, ``known`` or ``changed``."""

    record: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class FoundPersons:
    """The persons behind one name: their IDs, and the (source, state) of each of their identities."""

    persons: tuple[str, ...]
    identities: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why one item could not be answered."""

    code: str
    detail: str


def issued(item: dict[str, Any]) -> Issued | Failed:
    """A result of a single-pseudonym domain."""
    return _failed(item) or Issued(str(item["pseudonym"]), bool(item["created"]))


def issued_many(item: dict[str, Any]) -> IssuedMany | Failed:
    """A result of a multi-pseudonym domain."""
    return _failed(item) or IssuedMany(tuple(item["pseudonyms"]), int(item["created"]))


def resolved(item: dict[str, Any]) -> Resolved | Failed:
    """A result of resolving."""
    return _failed(item) or Resolved(tuple(item["originals"]))


def resolved_person(item: dict[str, Any]) -> ResolvedPerson | Failed:
    """A result of resolving in a domain of persons."""
    if failed := _failed(item):
        return failed
    return ResolvedPerson(tuple((one["source"], one["record_id"]) for one in item["records"]))


def ended(item: dict[str, Any]) -> Ended | Failed:
    """A result of anonymizing or deleting."""
    return _failed(item) or Ended(tuple(item["pseudonyms"]))


def judged(item: dict[str, Any]) -> Judged:
    """A result of validating."""
    return Judged(bool(item["valid"]), item.get("problem"), item.get("state"))


def erased(document: dict[str, Any], count: int) -> Erased:
    """The answer to erasing.

    Raises:
        AnswerInvalid: as of ``results_of``.
    """
    results = tuple(ended(item) for item in results_of(document, count))
    return Erased(results, dict(document["receipt"]))


def tree(document: dict[str, Any]) -> Tree:
    """The answer to a tree."""
    top = tuple(_node(node) for node in document["top"])
    hidden, above = int(document["hidden"]), bool(document["open_above"])
    return Tree(document["original"], top, hidden, above)


def _node(node: dict[str, Any]) -> TreeNode:
    below = tuple(_node(one) for one in node["below"])
    return TreeNode(str(node["domain"]), str(node["pseudonym"]), bool(node["asked"]), below)


def registered(item: dict[str, Any]) -> Registered | Failed:
    """A result of registering."""
    return _failed(item) or Registered(item.get("record"), str(item["outcome"]))


def found_persons(item: dict[str, Any]) -> FoundPersons:
    """A result of looking persons up."""
    return FoundPersons(
        tuple(str(one["person"]) for one in item["persons"]),
        tuple(
            tuple((str(each["source"]), str(each["state"])) for each in one["identities"])
            for one in item["persons"]
        ),
    )


def _failed(item: dict[str, Any]) -> Failed | None:
    error = item.get("error")
    return Failed(str(error["code"]), str(error.get("detail", ""))) if error else None


def results_of(document: Any, count: int) -> list[dict[str, Any]]:
    """The results of an answer.

    Raises:
        AnswerInvalid: it does not hold as many as were asked for.
    """
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list) or len(results) != count:
        raise AnswerInvalid("The answer does not hold one result for each item.")
    return results
