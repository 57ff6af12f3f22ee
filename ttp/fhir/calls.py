"""Calls: the six operations of the national pseudonymization interface, as a caller asks for one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ttp.core import errors
from ttp.wire.bundle import UnknownOperation
from ttp.wire.parameters import Parameter, Parameters, expression_of, read_parameters


class Operation(StrEnum):
    """The operations by their codes; in URLs a dollar sign stands before them."""

    PSEUDONYMIZE = "pseudonymize"
    GET_PSEUDONYM = "get-pseudonym"
    PSEUDONYMIZE_MULTIPLE = "pseudonymize-multiple"
    DE_PSEUDONYMIZE = "de-pseudonymize"
    DELETE_PSEUDONYM = "delete-pseudonym"
    ANONYMIZE_ORIGINAL = "anonymize-original"

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
    count: int = 0
    create: bool = True

    @property
    def domain(self) -> str:
        """The name or alias of the domain."""
        return self.context.text

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


def operation_of(url: str, *, base: str) -> Operation:
    """The operation of a URL: ``$name``, ``/$name``, or below the base URL.

    Raises:
        UnknownOperation: there is none of this URL.
    """
    name = url.removeprefix(base).removeprefix("/")
    try:
        return Operation(name.removeprefix("$") if name.startswith("$") else "")
    except ValueError:
        raise UnknownOperation from None


def call_of(operation: Operation, document: object) -> Call:
    """The call that a Parameters resource asks for.

    Drafts of the interface say ``target`` for ``context``, may use strings, and may forbid
    ``$pseudonymize`` to create by ``allowCreate``; they are understood too.

    Raises:
        ResourceInvalid: a parameter is missing, repeated, empty or of another type.
    """
    given = read_parameters(document)
    wanted = "pseudonym" if operation is Operation.DE_PSEUDONYMIZE else "original"
    call = Call(
        operation,
        given.one("context", "target"),
        given.one(wanted),
        given.one("count").integer if operation is Operation.PSEUDONYMIZE_MULTIPLE else 0,
        _may_create(operation, given),
    )
    _ = call.domain, call.subject.text  # refuse empty ones here, each by its own name
    return call


def _may_create(operation: Operation, given: Parameters) -> bool:
    if operation is not Operation.PSEUDONYMIZE:
        return operation is Operation.PSEUDONYMIZE_MULTIPLE
    allowed = given.optional("allowCreate")
    return allowed is None or allowed.boolean
