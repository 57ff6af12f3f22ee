"""Sessions with a center: work of any size, in the order asked; lost answers are asked for again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from ttp.client import operations
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
    results_of,
)
from ttp.client.asking import (
    CHUNK,
    CONNECTIONS,
    TRIES,
    Ask,
    Tries,
    asks,
    document_of,
)
from ttp.client.cache import CacheLimits
from ttp.client.cached import Cached
from ttp.client.operations import Operation, Single
from ttp.client.streams import in_order

T = TypeVar("T")


class Treuhandstelle:
    """A trust center at a URL, for the client whose API key this is. One instance serves many threads.

    Every method may raise ``Refused`` (the center says no, at once), ``Unreachable`` (no try came through) or
    ``AnswerInvalid`` (no center speaks so). What was done before stands, and asking again is safe.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        tries: int = TRIES,
        chunk: int = CHUNK,
        connections: int = CONNECTIONS,
        cache: CacheLimits | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open a session; ``timeout`` in seconds a request, ``chunk`` items a request, ``connections`` at once.

        Nothing is cached unless ``cache`` says so.
        """
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            transport=transport,
            limits=httpx.Limits(max_connections=connections),
        )
        self._tries = tries
        self._chunk = chunk
        self._connections = connections
        self._cached = Cached(cache)

    def pseudonyms(
        self, domain: str, originals: Sequence[str], *, create: bool = True, key: str | None = None
    ) -> list[Issued | Failed]:
        """The pseudonym of each original, in the order asked; unknown ones are made if ``create``.

        ``key`` names the call: under the same key the same call is answered as before for a day.
        """
        return list(self.stream_pseudonyms(domain, originals, create=create, key=key))

    def stream_pseudonyms(
        self, domain: str, originals: Iterable[str], *, create: bool = True, key: str | None = None
    ) -> Iterator[Issued | Failed]:
        """The same for any iterable, answer by answer; only some chunks are held at a time."""
        operation = operations.issuing(domain, create=create)
        return self._all(operation, self._cached.issued(domain), originals, key)

    def secondary_pseudonyms(
        self, domain: str, originals: Iterable[str], *, count: int, key: str | None = None
    ) -> list[IssuedMany | Failed]:
        """``count`` new secondary pseudonyms of each original; with 0, all that exist.

        Asking again makes further ones, but not under the same ``key``.
        """
        chunk = max(1, self._chunk // max(1, count))
        operation = operations.issuing_many(domain, count=count)
        return list(self._all(operation, None, originals, key, chunk))

    def resolve(
        self,
        domain: str,
        pseudonyms: Sequence[str],
        *,
        reason: str | None = None,
        key: str | None = None,
    ) -> list[Resolved | Failed]:
        """The originals of each pseudonym, in the order asked, under a standing grant.

        Without a ``reason`` the grant's purpose is the reason.
        """
        return list(self.stream_resolve(domain, pseudonyms, reason=reason, key=key))

    def stream_resolve(
        self,
        domain: str,
        pseudonyms: Iterable[str],
        *,
        reason: str | None = None,
        key: str | None = None,
    ) -> Iterator[Resolved | Failed]:
        """The same for any iterable, answer by answer."""
        operation = operations.resolving(domain, reason=reason)
        return self._all(operation, self._cached.resolved(domain), pseudonyms, key)

    def person_pseudonyms(
        self,
        domain: str,
        persons: Iterable[dict[str, str]],
        *,
        create: bool = True,
        key: str | None = None,
    ) -> list[Issued | Failed]:
        """The pseudonym of the person behind each name, in a domain of persons, in the order asked.

        A name has ``source`` and ``record_id``, or ``system`` and ``value`` of an external identifier.
        """
        operation = operations.issuing_persons(domain, create=create)
        return list(self._all(operation, None, persons, key))

    def resolve_persons(
        self,
        domain: str,
        pseudonyms: Iterable[str],
        *,
        reason: str | None = None,
        key: str | None = None,
    ) -> list[ResolvedPerson | Failed]:
        """What sources call the records of the person behind each pseudonym, under a standing grant."""
        operation = operations.resolving_persons(domain, reason=reason)
        return list(self._all(operation, None, pseudonyms, key))

    def anonymize(
        self, domain: str, originals: Iterable[str], *, key: str | None = None
    ) -> list[Ended | Failed]:
        """End the link between each original and its pseudonyms for good; the pseudonyms stay."""
        self._cached.forget(domain)
        return list(self._all(operations.anonymizing(domain), None, originals, key))

    def delete(
        self, domain: str, originals: Iterable[str], *, key: str | None = None
    ) -> list[Ended | Failed]:
        """Delete each original and its pseudonyms where the domain allows it; tombstones stay."""
        self._cached.forget(domain)
        return list(self._all(operations.deleting(domain), None, originals, key))

    def import_pairs(
        self, domain: str, pairs: Iterable[tuple[str, str]], *, key: str | None = None
    ) -> list[Issued | Failed]:
        """Take over (original, pseudonym) pairs that another system issued; the same pair again is fine."""
        return list(self._all(operations.importing(domain), None, pairs, key))

    def validate(
        self, domain: str, pseudonyms: Iterable[str], *, exists: bool = False
    ) -> list[Judged]:
        """Whether each text has the form of the domain; with ``exists`` also what became of it."""
        operation = operations.validating(domain, exists=exists)
        return list(self._all(operation, None, pseudonyms, None))

    def translate(
        self,
        domain: str,
        pseudonyms: Iterable[str],
        *,
        into: str,
        create: bool = True,
        reason: str | None = None,
        key: str | None = None,
    ) -> list[Issued | Failed]:
        """Exchange pseudonyms for those of another domain; originals are not told."""
        operation = operations.translating(domain, into, create=create, reason=reason)
        return list(self._all(operation, None, pseudonyms, key))

    def tree(
        self, domain: str, value: str, *, original: bool = False, reason: str | None = None
    ) -> Tree:
        """Everything above and below one pseudonym, or one original, as far as the client's rights reach."""
        return self._once(operations.tracing(domain, value, original=original, reason=reason), None)

    def erase(
        self, pairs: Sequence[tuple[str, str]], *, below: bool = False, key: str | None = None
    ) -> Erased:
        """End the links of (domain, original) pairs in one transaction; answered with a signed receipt."""
        self._cached.forget()
        return self._once(operations.erasing(pairs, below=below), key)

    def look_up_persons(self, named: Iterable[dict[str, str]]) -> list[FoundPersons]:
        """Persons behind names: ``source`` and ``record_id``, or ``system`` and ``value`` of an identifier."""
        return list(self._all(operations.looking_up(), None, named, None))

    def register(
        self, records: Iterable[dict[str, Any]], *, source: str
    ) -> list[Registered | Failed]:
        """Register identifying data of one source; the same record again is known, a changed one a new version."""
        return list(self._all(operations.registering(source), None, records, None))

    def announce(
        self, messages: Sequence[dict[str, Any]], *, source: str
    ) -> list[Registered | Failed]:
        """Say what a source says of its records, one request after the other: the order of messages counts."""
        operation = operations.announcing(source)
        parts = asks(operation, messages, chunk=self._chunk)
        answers = in_order(parts, lambda ask: self._answered(operation, ask), at_once=1)
        return list(chain.from_iterable(answers))

    def close(self) -> None:
        """End the session."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _all(
        self,
        operation: Operation[T],
        cached: Any,
        items: Iterable[Any],
        key: str | None,
        chunk: int | None = None,
    ) -> Iterator[T]:
        def answered(ask: Ask) -> list[T]:
            return self._answered(operation, ask)

        parts = asks(operation, items, chunk=chunk or self._chunk, key=key)
        answer = cached.through(operation, answered) if cached and not key else answered
        return chain.from_iterable(in_order(parts, answer, at_once=self._connections))

    def _once(self, single: Single[T], key: str | None) -> T:
        return single.read(self._send(Ask(single.path, single.body, [], key or uuid4().hex)))

    def _answered(self, operation: Operation[T], ask: Ask) -> list[T]:
        return [operation.read(item) for item in results_of(self._send(ask), len(ask.items))]

    def _send(self, ask: Ask) -> Any:
        tries = Tries(self._tries)
        for seconds in tries:
            time.sleep(seconds)
            try:
                response = self._http.post(
                    ask.path, json=ask.body, headers={"Idempotency-Key": ask.idempotency_key}
                )
            except httpx.TransportError as error:
                tries.lost(error)
                continue
            if tries.settled(response):
                return document_of(response)
        raise tries.unreachable()
