"""References: where an ID or an identifier stands within a string, and how another one is put in its place.

Relative and absolute URLs with or without a version, ``urn:uuid:``, and conditional references
(``Patient?identifier=system|value``), as in https://hl7.org/fhir/R4/references.html and
https://hl7.org/fhir/R4/http.html#ccreate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from urllib.parse import quote, unquote_plus

from ttp.client.fhir.rules import Action, IdentifierRule, Rules
from ttp.client.files.units import Unfit

NO_RULE_FOR_IDENTIFIER = "no-rule-for-identifier"
NO_RULE_FOR_ID = "no-rule-for-id"
NOT_AN_ID = "not-an-id"
NOT_A_UUID = "not-a-uuid"
CANNOT_MASK = "cannot-mask-here"

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(
    r"(?P<base>(?:(?:https?://[^?#]*)?/)?)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})"
    r"(?P<rest>(?:/_history/[A-Za-z0-9.-]{1,64})?/?(?:#.*)?)"
)
_WITHIN = re.compile(
    r"(?P<reference>(?:(?:https?://[^?#]*)?/)?[A-Z][a-z][A-Za-z]+/(?!R\d)[A-Za-z0-9.-]{1,64})"
    r"(?P<path>/(?:_history|\*|\$[A-Za-z0-9-]+|(?P<type>[A-Z][A-Za-z]+)))(?:\?(?P<query>.*))?"
)
"""Below a resource. ``…/Fhir/R4/Patient`` is none: a server's base may end with the release."""
_CONDITIONAL = re.compile(
    r"(?P<start>(?:(?:https?://[^?#]*)?/)?(?P<type>[A-Z][A-Za-z]+)\?)(?P<query>.*)"
)
_UUID = re.compile(
    r"(?P<urn>urn:uuid:)(?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})", re.ASCII
)
_HEX = re.compile(r"[0-9a-f]{32}")
_ID_PARAMETERS = {"patient": "Patient", "encounter": "Encounter"}


class Unruled(Exception):
    """Something that must not pass in silence, and no rule speaks of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Piece:
    """A value within a string: its domain, what is asked, and the form in which the answer stands."""

    domain: str
    value: str
    form: Callable[[str], str]


Pieces = list[str | Piece]
"""A string in parts; without a ``Piece`` it stays as it is."""


@dataclass(frozen=True, slots=True)
class References:
    """What the rules say about strings that refer to something."""

    rules: Rules
    backward: bool

    def of_id(self, resource: str, value: str) -> Pieces:
        """An ID of a resource of this type."""
        rule = self.rules.id_rule(resource)
        if rule is None and not self.rules.keep_others:
            raise Unruled(NO_RULE_FOR_ID)
        if rule is None or rule.action is not Action.EXCHANGE:
            return [value]
        return [Piece(rule.domain, value, fit_id)]

    def of_reference(self, text: str) -> Pieces:
        """A literal reference, or the URL of an entry; what is none of the known forms stays."""
        found = _UUID.fullmatch(text)
        if found:
            return self._uuid(found)
        found = _REFERENCE.fullmatch(text)
        if found:
            inside = self.of_id(found["type"], found["id"])
            return [f"{found['base']}{found['type']}/", *inside, found["rest"]]
        found = _WITHIN.fullmatch(text)
        if found:
            return self._within(found)
        found = _CONDITIONAL.fullmatch(text)
        return [found["start"], *self.of_query(found["type"], found["query"])] if found else [text]

    def _within(self, found: re.Match[str]) -> Pieces:
        """What is asked of a resource: an operation, its history, or its compartment."""
        pieces = [*self.of_reference(found["reference"]), found["path"]]
        if found["query"] is None:
            return pieces
        return [*pieces, "?", *self.of_query(found["type"] or "", found["query"])]

    def of_query(self, resource: str, query: str) -> Pieces:
        """A search: identifiers, IDs and references among its parameters."""
        pieces: Pieces = []
        for number, parameter in enumerate(query.split("&")):
            name, equals, value = parameter.partition("=")
            pieces += ["&" if number else "", f"{name}{equals}"]
            for place, one in enumerate(value.split(",")):
                pieces += ["," if place else "", *self._of_parameter(resource, name, one)]
        return pieces

    def _of_parameter(self, resource: str, name: str, value: str) -> Pieces:
        plain, (bare, _, modifier) = unquote_plus(value), name.partition(":")
        if not plain:
            return [value]
        if bare == "identifier" or name.endswith((".identifier", ":identifier")):
            return self._of_token(resource if bare == "identifier" else "", plain, value)
        if bare in {"_id", *_ID_PARAMETERS} and _ID.fullmatch(plain):
            return self.of_id(_ID_PARAMETERS.get(bare, resource), plain)
        if modifier[:1].isupper() and modifier.isalpha() and _ID.fullmatch(plain):
            return self.of_id(modifier, plain)
        inside = self.of_reference(plain)
        return _percent(inside) if any(isinstance(one, Piece) for one in inside) else [value]

    def _of_token(self, resource: str, plain: str, written: str) -> Pieces:
        """``system|value`` of a search."""
        system, bar, value = plain.rpartition("|")
        rule = self.rules.identifier_rule(
            system=system, types=frozenset(), resource=resource, backward=self.backward
        )
        if rule is None and not self.rules.keep_others:
            raise Unruled(NO_RULE_FOR_IDENTIFIER)
        if rule and rule.action is Action.MASK and value:
            raise Unruled(CANNOT_MASK)
        if rule is None or rule.action is not Action.EXCHANGE or not value:
            return [written]
        new = new_system(rule, system, backward=self.backward)
        bar_as_written = "|" if "|" in written else "%7C"
        start = written[: written.index(bar_as_written)] if bar else ""
        start = start if new == system else quote(new, safe=":/")
        return [f"{start}{bar_as_written if bar else ''}", Piece(rule.domain, value, _quoted)]

    def _uuid(self, found: re.Match[str]) -> Pieces:
        if not self.rules.uuid_domain:
            return [found.group()]
        uuid = found["uuid"]
        asked = uuid.replace("-", "").lower() if self.backward else uuid
        form = str if self.backward else fit_uuid
        return [found["urn"], Piece(self.rules.uuid_domain, asked, form)]


def new_system(rule: IdentifierRule, system: str, *, backward: bool) -> str:
    """The system after the exchange."""
    if not rule.new_system:
        return system
    return rule.system if backward else rule.new_system


def fit_id(value: str) -> str:
    """An ID as FHIR allows it (``id``: 1 to 64 of A–Z a–z 0–9 - .)."""
    if not _ID.fullmatch(value):
        raise Unfit(NOT_AN_ID)
    return value


def fit_uuid(value: str) -> str:
    """A pseudonym of 32 hexadecimal digits in the form of a UUID."""
    if not _HEX.fullmatch(value.lower()):
        raise Unfit(NOT_A_UUID)
    return "-".join(value[start:end] for start, end in pairwise((0, 8, 12, 16, 20, 32)))


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _percent(pieces: Pieces) -> Pieces:
    """The same string within a query: answers are percent-encoded where they have to be."""
    return [
        Piece(one.domain, one.value, partial(_then_quoted, one.form))
        if isinstance(one, Piece)
        else one
        for one in pieces
    ]


def _then_quoted(form: Callable[[str], str], value: str) -> str:
    return quote(form(value), safe="")
