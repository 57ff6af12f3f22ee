"""Joint issuing: small calls of one caller that arrive at once are one transaction, with one leaf for each domain.

They are one question who the caller is, too; like the transaction it begins after all of them have arrived. Alone go
calls with an Idempotency-Key, whose answer is kept in their own transaction, atomic ones, which are refused as a
whole, and batches, which gain nothing. Different callers never share a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar, cast

from flask import Flask, current_app, g, request
from werkzeug.datastructures import Authorization

from ttp.core.access import Actor
from ttp.core.errors import TTPError, Unavailable
from ttp.http.acknowledgment import remember
from ttp.http.authentication import (
    Credentials,
    actor_of,
    calling_actor,
    credentials_of,
    given_authorization,
)
from ttp.http.center import the_center, the_providers, write_for_many
from ttp.http.gathering import Gathering
from ttp.http.idempotency import HEADER
from ttp.services.issue_pseudonyms import Answers
from ttp.services.issue_together import Call, batches_of, issue_together

T = TypeVar("T")

MOST_ORIGINALS = 10
"""Calls of more are batches. With at most 100 calls a transaction, 1,000 originals share one."""
SMALL_BYTES = 64 * 1024

_KEY = "ttp.joint-issuing"


class Told(NamedTuple):
    """Whom a call is answered, the answers or the error, and the leaves that the answer names."""

    actor: str
    answers: Answers | TTPError
    leaves: Sequence[bytes]


Calls = Gathering[Credentials, tuple[Authorization, Call], Told]


def register_joint_issuing(app: Flask) -> None:
    """Let small calls of this application be answered together."""
    app.extensions[_KEY] = Calls()


def may_join(originals: Sequence[object] = ()) -> bool:
    """Whether the present request, if it names these originals, may be answered together with others."""
    return (
        len(originals) <= MOST_ORIGINALS
        and HEADER not in request.headers
        and (request.content_length or SMALL_BYTES) < SMALL_BYTES
    )


def read_before_asking(read: Callable[[], T]) -> T:
    """What a small request asks for, read before it is known who asks; only who is known is told what is wrong in it.

    Raises:
        NotAuthenticated: it cannot be read, and nobody known sent it.
    """
    try:
        return read()
    except Exception:
        calling_actor()
        raise


def issue_jointly(domain: str, originals: Sequence[object], *, create: bool = True) -> Answers:
    """The pseudonym of each original, in the order asked; the answer to the present request names the leaf.

    Raises:
        As ``calling_actor`` and ``issue_pseudonyms``. DatabaseBusy: calls before this one take too long.
    """
    calls = cast("Calls", current_app.extensions[_KEY])
    given = given_authorization()
    told = calls.ask(credentials_of(given), (given, Call(domain, originals, create)), _issue)
    g.actor_name = told.actor
    remember(told.leaves)
    if isinstance(told.answers, TTPError):
        raise told.answers
    return told.answers


def _issue(_same: Credentials, asked: Sequence[tuple[Authorization, Call]]) -> list[Told]:
    given, _ = asked[0]
    actor = actor_of(the_center(), the_providers(), given)
    return _told(actor, [call for _, call in asked])


def _told(actor: Actor, calls: Sequence[Call]) -> list[Told]:
    """What each call is told. Where one domain refuses, each is a transaction of its own."""
    try:
        center = the_center()
        shares = write_for_many(lambda tx: issue_together(center, tx, actor, calls=calls))
        return [Told(actor.name, *share) for share in shares]
    except Unavailable:
        raise
    except TTPError as error:
        batches = batches_of(calls)
        if len(batches) == 1:
            return [Told(actor.name, error, ())] * len(calls)
    told: dict[int, Told] = {}
    for places in batches:
        told.update(zip(places, _told(actor, [calls[place] for place in places]), strict=True))
    return [told[place] for place in range(len(calls))]
