"""Asynchronous sessions with a center: the same promises as ``Treuhandstelle``, for event loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
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
    ask_of,
    document_of,
)
from ttp.client.cache import CacheLimits
from ttp.client.cached import Cached
from ttp.client.operations import Operation, Single
from ttp.client.streams import chunked, in_order_async

T = TypeVar("T")
Items = Iterable[str] | AsyncIterable[str]


class AsyncTreuhandstelle:
    """A trust center at a URL, for the client whose API key this is; errors as of ``Treuhandstelle``."""

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
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Open a session; ``timeout`` in seconds a request, ``chunk`` items a request, ``connections`` at once.

        Nothing is cached unless ``cache`` says so.
        """
        self._http = httpx.AsyncClient(
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

    async def pseudonyms(
        self, domain: str, originals: Items, *, create: bool = True, key: str | None = None
    ) -> list[Issued | Failed]:
        """The pseudonym of each original, in the order asked."""
        stream = self.stream_pseudonyms(domain, originals, create=create, key=key)
        return [answer async for answer in stream]

    def stream_pseudonyms(
        self, domain: str, originals: Items, *, create: bool = True, key: str | None = None
    ) -> AsyncIterator[Issued | Failed]:
        """The same for any iterable, answer by answer; only some chunks are held at a time."""
        operation = operations.issuing(domain, create=create)
        return self._all(operation, self._cached.issued(domain), originals, key)

    async def secondary_pseudonyms(
        self, domain: str, originals: Items, *, count: int, key: str | None = None
    ) -> list[IssuedMany | Failed]:
        """``count`` new secondary pseudonyms of each original; with 0, all that exist."""
        chunk = max(1, self._chunk // max(1, count))
        operation = operations.issuing_many(domain, count=count)
        return [one async for one in self._all(operation, None, originals, key, chunk)]

    async def resolve(
        self, domain: str, pseudonyms: Items, *, reason: str | None = None, key: str | None = None
    ) -> list[Resolved | Failed]:
        """The originals of each pseudonym, in the order asked."""
        stream = self.stream_resolve(domain, pseudonyms, reason=reason, key=key)
        return [answer async for answer in stream]

    def stream_resolve(
        self, domain: str, pseudonyms: Items, *, reason: str | None = None, key: str | None = None
    ) -> AsyncIterator[Resolved | Failed]:
        """The same for any iterable, answer by answer."""
        operation = operations.resolving(domain, reason=reason)
        return self._all(operation, self._cached.resolved(domain), pseudonyms, key)

    async def person_pseudonyms(
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
        return [one async for one in self._all(operation, None, persons, key)]

    async def resolve_persons(
        self,
        domain: str,
        pseudonyms: Items,
        *,
        reason: str | None = None,
        key: str | None = None,
    ) -> list[ResolvedPerson | Failed]:
        """What sources call the records of the person behind each pseudonym, under a standing grant."""
        operation = operations.resolving_persons(domain, reason=reason)
        return [one async for one in self._all(operation, None, pseudonyms, key)]

    async def anonymize(
        self, domain: str, originals: Items, *, key: str | None = None
    ) -> list[Ended | Failed]:
        """End the link between each original and its pseudonyms for good."""
        self._cached.forget(domain)
        return [
            one async for one in self._all(operations.anonymizing(domain), None, originals, key)
        ]

    async def delete(
        self, domain: str, originals: Items, *, key: str | None = None
    ) -> list[Ended | Failed]:
        """Delete each original and its pseudonyms where the domain allows it."""
        self._cached.forget(domain)
        return [one async for one in self._all(operations.deleting(domain), None, originals, key)]

    async def import_pairs(
        self, domain: str, pairs: Iterable[tuple[str, str]], *, key: str | None = None
    ) -> list[Issued | Failed]:
        """Take over (original, pseudonym) pairs that another system issued; the same pair again is fine."""
        return [one async for one in self._all(operations.importing(domain), None, pairs, key)]

    async def validate(
        self, domain: str, pseudonyms: Iterable[str], *, exists: bool = False
    ) -> list[Judged]:
        """Whether each text has the form of the domain; with ``exists`` also what became of it."""
        operation = operations.validating(domain, exists=exists)
        return [one async for one in self._all(operation, None, pseudonyms, None)]

    async def translate(
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
        return [one async for one in self._all(operation, None, pseudonyms, key)]

    async def tree(
        self, domain: str, value: str, *, original: bool = False, reason: str | None = None
    ) -> Tree:
        """Everything above and below one pseudonym, or one original, as far as the client's rights reach."""
        return await self._once(
            operations.tracing(domain, value, original=original, reason=reason), None
        )

    async def erase(
        self, pairs: Sequence[tuple[str, str]], *, below: bool = False, key: str | None = None
    ) -> Erased:
        """End the links of (domain, original) pairs in one transaction; answered with a signed receipt."""
        self._cached.forget()
        return await self._once(operations.erasing(pairs, below=below), key)

    async def look_up_persons(self, named: Iterable[dict[str, str]]) -> list[FoundPersons]:
        """Persons behind names: ``source`` and ``record_id``, or ``system`` and ``value`` of an identifier."""
        return [one async for one in self._all(operations.looking_up(), None, named, None)]

    async def register(
        self, records: Iterable[dict[str, Any]], *, source: str
    ) -> list[Registered | Failed]:
        """Register identifying data of one source."""
        return [one async for one in self._all(operations.registering(source), None, records, None)]

    async def close(self) -> None:
        """End the session."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _all(
        self,
        operation: Operation[T],
        cached: Any,
        items: Iterable[Any] | AsyncIterable[Any],
        key: str | None,
        chunk: int | None = None,
    ) -> AsyncIterator[T]:
        async def answered(ask: Ask) -> list[T]:
            document = await self._send(ask)
            return [operation.read(item) for item in results_of(document, len(ask.items))]

        answer = cached.through_async(operation, answered) if cached and not key else answered
        size = min(chunk or self._chunk, operation.at_once)
        parts = _asks(operation, chunked(items, size), key or uuid4().hex)
        async for part in in_order_async(parts, answer, at_once=self._connections):
            for one in part:
                yield one

    async def _once(self, single: Single[T], key: str | None) -> T:
        return single.read(await self._send(Ask(single.path, single.body, [], key or uuid4().hex)))

    async def _send(self, ask: Ask) -> Any:
        tries = Tries(self._tries)
        for seconds in tries:
            await asyncio.sleep(seconds)
            try:
                response = await self._http.post(
                    ask.path, json=ask.body, headers={"Idempotency-Key": ask.idempotency_key}
                )
            except httpx.TransportError as error:
                tries.lost(error)
                continue
            if tries.settled(response):
                return document_of(response)
        raise tries.unreachable()


async def _asks(
    operation: Operation[Any], parts: AsyncIterator[list[Any]], key: str
) -> AsyncIterator[Ask]:
    number = 0
    async for part in parts:
        yield ask_of(operation, part, f"{key}-{number}")
        number += 1
