"""Operations: what each of them does with the values of one domain, and what its answer is called.

All values of a request are one call of a service, thus one database batch; answers keep the order asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Issued
from ttp.gateways.gpas.asked import Asked
from ttp.gateways.gpas.dialects import Dialect, Json, Pair, coded, identified
from ttp.services.pseudonyms.end_pseudonyms import (
    EndService,
    anonymize_originals,
    delete_pseudonyms,
)
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms
from ttp.services.pseudonyms.resolve_pseudonyms import resolve_pseudonyms
from ttp.wire.issue_codes import error_coding, message_coding
from ttp.wire.parameters import parameters

Run = Callable[[Center, Transaction, Actor, Asked, Dialect], Json]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on the values of one domain: its names in URLs, what it takes, the right it needs."""

    names: tuple[str, ...]
    takes: str
    right: Right
    run: Run
    creates: bool | None = None  # of those that issue: whether they make what is missing

    @property
    def endpoint(self) -> str:
        """The name of its route, the same for all its names."""
        return self.names[0]


def _issue(create: bool) -> Run:
    def run(center: Center, tx: Transaction, actor: Actor, asked: Asked, dialect: Dialect) -> Json:
        answers = issue_pseudonyms(
            center, tx, actor, domain_name=asked.target, originals=asked.values, create=create
        )
        return issued(asked, answers, dialect)

    return run


def issued(asked: Asked, answers: Sequence[Issued | TTPError], dialect: Dialect) -> Json:
    """The pseudonyms found or made, in the order asked."""
    told = zip(asked.values, answers, strict=True)
    return parameters(*(_issued(asked.target, *one, dialect) for one in told))


def _issued(target: str, original: str, answer: Issued | TTPError, dialect: Dialect) -> Json:
    if isinstance(answer, TTPError):
        return dialect.failed(Pair(target, original, None), answer)
    pair = Pair(target, original, answer.pseudonym)
    return dialect.found(pair, asked="original", answer="pseudonym")


def _resolve(center: Center, tx: Transaction, actor: Actor, asked: Asked, dialect: Dialect) -> Json:
    answers = resolve_pseudonyms(
        center, tx, actor, domain_name=asked.target, pseudonyms=asked.values, reason=None
    )
    told = zip(asked.values, answers, strict=True)
    return parameters(*(entry for one in told for entry in _resolved(asked.target, *one, dialect)))


def _resolved(
    target: str, pseudonym: str, answer: Sequence[str] | TTPError, dialect: Dialect
) -> list[Json]:
    if isinstance(answer, TTPError):
        return [dialect.failed(Pair(target, None, pseudonym), answer)]
    pairs = (Pair(target, original, pseudonym) for original in answer)
    return [dialect.found(pair, asked="pseudonym", answer="original") for pair in pairs]


def _end(service: EndService, message: str) -> Run:
    def run(center: Center, tx: Transaction, actor: Actor, asked: Asked, _dialect: Dialect) -> Json:
        answers = service(center, tx, actor, domain_name=asked.target, originals=asked.values)
        told = zip(asked.values, answers, strict=True)
        return parameters(*(_ended(asked.target, *one, message) for one in told))

    return run


def _ended(target: str, original: str, answer: object, message: str) -> Json:
    coding = error_coding(answer) if isinstance(answer, TTPError) else message_coding(message)
    parts = [identified("target", target), identified("original", original)]
    return {"name": "successStatus", "part": [*parts, coded("result-code", coding)]}


OPERATIONS = (
    Operation(
        ("pseudonymizeAllowCreate", "pseudonymize-allow-create"),
        "original",
        Right.ISSUE,
        _issue(create=True),
        creates=True,
    ),
    Operation(("pseudonymize",), "original", Right.LOOKUP, _issue(create=False), creates=False),
    Operation(("dePseudonymize", "de-pseudonymize"), "pseudonym", Right.RESOLVE, _resolve),
    Operation(
        ("anonymizeOriginals",),
        "original",
        Right.ANONYMIZE,
        _end(anonymize_originals, "MSG_UPDATED"),
    ),
    Operation(
        ("deletePseudonyms",), "original", Right.DELETE, _end(delete_pseudonyms, "MSG_DELETED")
    ),
)
