"""Joint issuing: small calls of one caller in one domain that arrive at once are one transaction with one leaf.

Alone go calls with an Idempotency-Key, whose answer is kept in their own transaction, atomic ones, which are refused
as a whole, and batches, which gain nothing. Different callers never share a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from flask import Flask, current_app, request

from ttp.core.access import Actor
from ttp.core.ports import Transaction
from ttp.http.acknowledgment import remember
from ttp.http.center import the_center, write
from ttp.http.gathering import Gathering
from ttp.http.idempotency import HEADER
from ttp.services.issue_pseudonyms import Answers
from ttp.services.issue_together import issue_together

MOST_ORIGINALS = 10
"""Calls of more are batches. With at most 100 calls a transaction, 1,000 originals share one."""

_KEY = "ttp.joint-issuing"


class Kind(NamedTuple):
    """What calls have in common that are answered together."""

    actor: Actor
    domain: str
    create: bool


class Told(NamedTuple):
    """The answers to one call, and the leaves of the transaction in which they were found."""

    answers: Answers
    leaves: list[bytes]


Calls = Gathering[Kind, Sequence[object], Told]


def register_joint_issuing(app: Flask) -> None:
    """Let small calls of this application be answered together."""
    app.extensions[_KEY] = Calls()


def may_join(originals: Sequence[object]) -> bool:
    """Whether the present request, which names these originals, may be answered together with others."""
    return len(originals) <= MOST_ORIGINALS and HEADER not in request.headers


def issue_jointly(
    actor: Actor, domain: str, originals: Sequence[object], *, create: bool = True
) -> Answers:
    """The pseudonym of each original, in the order asked; the answer to the present request names the leaf.

    Raises:
        As ``issue_pseudonyms``. DatabaseBusy: calls before this one take too long.
    """
    calls = cast("Calls", current_app.extensions[_KEY])
    told = calls.ask(Kind(actor, domain, create), originals, _issue)
    remember(told.leaves)
    return told.answers


def _issue(kind: Kind, calls: Sequence[Sequence[object]]) -> list[Told]:
    def step(tx: Transaction) -> list[Told]:
        answers = issue_together(
            the_center(), tx, kind.actor, domain_name=kind.domain, calls=calls, create=kind.create
        )
        return [Told(one, list(tx.leaves)) for one in answers]

    return write(step)
