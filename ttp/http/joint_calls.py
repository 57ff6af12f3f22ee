"""Joint calls: small calls of one caller that arrive at once are one transaction, and each is answered as if alone.

They are one question who the caller is, too; like the transaction it begins after all of them have arrived. Alone go
calls with an Idempotency-Key, whose answer is kept in their own transaction, atomic ones, which are refused as a
whole, and batches, which gain nothing. Different callers never share a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar, cast

from flask import Flask, current_app, g, request
from werkzeug.datastructures import Authorization

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError, Unavailable
from ttp.core.ports import Transaction
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

T = TypeVar("T")
C = TypeVar("C")
A = TypeVar("A")

MOST_ITEMS = 10
"""Calls of more are batches. With at most 100 calls a transaction, 1,000 items share one."""
SMALL_BYTES = 64 * 1024

Shares = Sequence[tuple[A, Sequence[bytes]]]
"""The answer to each call in the order of the calls, and the hashes of the leaves that stand for it."""


class Told(NamedTuple, Generic[A]):
    """Whom a call is answered, the answer or the error, and the leaves that the answer names."""

    actor: str
    answer: A | TTPError
    leaves: Sequence[bytes]


class JointCalls(Generic[C, A]):
    """Calls of one kind, which ``work`` answers together.

    ``batches`` tells the places of those that are refused together. No error of a batch depends on what is wrong
    with one item of a call; where one refuses, each is a transaction of its own.
    """

    def __init__(
        self,
        name: str,
        *,
        work: Callable[[Center, Transaction, Actor, Sequence[C]], Shares[A]],
        batches: Callable[[Sequence[C]], list[list[int]]],
    ) -> None:
        self._name = name
        self._work = work
        self._batches = batches

    def register(self, app: Flask) -> None:
        """Let small calls of this application be answered together."""
        app.extensions[self._name] = Gathering[Credentials, tuple[Authorization, C], Told[A]]()

    def answer(self, call: C) -> A:
        """The answer to the present request, which names its leaves.

        Raises:
            As ``calling_actor`` and the work. DatabaseBusy: calls before this one take too long.
        """
        lines = cast(
            "Gathering[Credentials, tuple[Authorization, C], Told[A]]",
            current_app.extensions[self._name],
        )
        given = given_authorization()
        told = lines.ask(credentials_of(given), (given, call), self._answered)
        g.actor_name = told.actor
        remember(told.leaves)
        if isinstance(told.answer, TTPError):
            raise told.answer
        return told.answer

    def _answered(
        self, _same: Credentials, asked: Sequence[tuple[Authorization, C]]
    ) -> list[Told[A]]:
        given, _ = asked[0]
        actor = actor_of(the_center(), the_providers(), given)
        return self._told(actor, [call for _, call in asked])

    def _told(self, actor: Actor, calls: Sequence[C]) -> list[Told[A]]:
        try:
            center = the_center()
            shares = write_for_many(lambda tx: self._work(center, tx, actor, calls))
            return [Told(actor.name, *share) for share in shares]
        except Unavailable:
            raise
        except TTPError as error:
            batches = self._batches(calls)
            if len(batches) == 1:
                return [Told(actor.name, error, ())] * len(calls)
        told: dict[int, Told[A]] = {}
        for places in batches:
            own = self._told(actor, [calls[place] for place in places])
            told.update(zip(places, own, strict=True))
        return [told[place] for place in range(len(calls))]


def may_join(items: Sequence[object] = ()) -> bool:
    """Whether the present request, if it is about these items, may be answered together with others."""
    return (
        len(items) <= MOST_ITEMS
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
