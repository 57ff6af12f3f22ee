"""Calls: the six operations of the national pseudonymization interface, as a caller asks for one of them.

The interface in force says ``context`` and uses Identifiers. Its drafts say ``target``, use strings, forbid creating by
``allowCreate``, name the original ``value``, or put domain and value into parts of one parameter. All are understood,
each call by itself; answers repeat what the call used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ttp.core import errors
from ttp.wire.bundle import UnknownOperation
from ttp.wire.parameters import Parameter, Parameters, expression_of, read_parameters, read_parts


class Operation(StrEnum):
    """The operations by their codes; in URLs a dollar sign stands before them."""

    PSEUDONYMIZE = "pseudonymize"
    GET_PSEUDONYM = "get-pseudonym"
    PSEUDONYMIZE_MULTIPLE = "pseudonymize-multiple"
    DE_PSEUDONYMIZE = "de-pseudonymize"
    DELETE_PSEUDONYM = "delete-pseudonym"
    ANONYMIZE_ORIGINAL = "anonymize-original"

    @property
    def asks_for(self) -> str:
        """The name of the parameter that holds the value."""
        return "pseudonym" if self is Operation.DE_PSEUDONYMIZE else "original"

    @property
    def ends_links(self) -> bool:
        """Whether it destroys what other operations find: it keeps its place among them."""
        return self in {Operation.DELETE_PSEUDONYM, Operation.ANONYMIZE_ORIGINAL}


@dataclass(frozen=True, slots=True)
class Call:
    """One operation asked for: the domain (``context``), the original or pseudonym, and how it was written."""

    operation: Operation
    context: Parameter
    subject: Parameter
    domain: str  # its name or alias
    value: str
    count: int = 0
    create: bool = True

    def repeated(self) -> tuple[dict[str, object], dict[str, object]]:
        """Domain and value exactly as they were given, to be repeated in the answer."""
        return self.context.given(), self.subject.given(self.operation.asks_for)

    def place_of(self, error: errors.TTPError) -> str | None:
        """Where in the request an error lies, as FHIRPath."""
        if isinstance(error, _OF_THE_CONTEXT):
            return expression_of(self.context.name)
        if isinstance(error, _OF_THE_SUBJECT):
            return expression_of(self.subject.name)
        return None


_OF_THE_CONTEXT = (
    errors.UnknownDomain,
    errors.WrongDomainKind,
    errors.NotAllowed,
    errors.DomainExhausted,
)
_OF_THE_SUBJECT = (
    errors.UnknownOriginal,
    errors.UnknownPseudonym,
    errors.InvalidOriginal,
    errors.InvalidPseudonym,
)


_ABOVE = re.compile(r"(https?://[^/]+)?/?(fhir/)?(\$|%24)", re.IGNORECASE)


def operation_of(url: str, *, base: str) -> Operation:
    """The operation of a URL: ``$name`` below the base URL, which may be left out or be another name of this host.

    Raises:
        UnknownOperation: there is none of this URL.
    """
    above = _ABOVE.match(url.removeprefix(base))
    try:
        return Operation(url.removeprefix(base)[above.end() :] if above else "")
    except ValueError:
        raise UnknownOperation from None


def call_of(operation: Operation, document: object) -> Call:
    """The call that a Parameters resource asks for.

    Raises:
        ResourceInvalid: a parameter is missing, repeated, empty or of another type.
    """
    given = _unfolded(operation, read_parameters(document))
    context = given.one("context", "target")
    named = given.optional(operation.asks_for) or given.optional("value")
    subject = named or given.one(operation.asks_for)
    count = given.one("count").integer if operation is Operation.PSEUDONYMIZE_MULTIPLE else 0
    return Call(
        operation,
        context,
        subject,
        context.text,
        subject.text,
        count,
        _may_create(operation, given),
    )


def _unfolded(operation: Operation, given: Parameters) -> Parameters:
    """The first draft folded domain and value into one parameter; such a call is read from its parts."""
    folded = given.optional(operation.asks_for)
    return read_parts(folded) if folded is not None and folded.parts else given


def _may_create(operation: Operation, given: Parameters) -> bool:
    if operation is not Operation.PSEUDONYMIZE:
        return operation is Operation.PSEUDONYMIZE_MULTIPLE
    allowed = given.optional("allowCreate")
    return allowed is None or allowed.boolean
