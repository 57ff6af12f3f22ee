"""Asynchronous sessions with a center: the same promises as ``Treuhandstelle``, for event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import httpx

from ttp.client.answers import Failed, Issued, Resolved, issued, resolved, results_of
from ttp.client.asking import (
    CHUNK,
    TRIES,
    Ask,
    asks,
    document_of,
    domain_path,
    waits,
    worth_another_try,
)
from ttp.client.session import unreachable

T = TypeVar("T")


class AsyncTreuhandstelle:
    """A trust center at a URL, for the client whose API key this is."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        tries: int = TRIES,
        chunk: int = CHUNK,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Open a session; ``timeout`` in seconds a request, ``chunk`` items a request."""
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            transport=transport,
        )
        self._tries = tries
        self._chunk = chunk

    async def pseudonyms(
        self, domain: str, originals: Sequence[str], *, create: bool = True
    ) -> list[Issued | Failed]:
        """The pseudonym of each original, in the order asked.

        Raises:
            Refused, Unreachable, AnswerInvalid: what was done before stands, and asking again is safe.
        """
        path = domain_path(domain, "pseudonyms")
        requests = asks(path, "originals", originals, chunk=self._chunk, create=create)
        return await self._all(requests, issued)

    async def resolve(
        self, domain: str, pseudonyms: Sequence[str], *, reason: str | None = None
    ) -> list[Resolved | Failed]:
        """The originals of each pseudonym, in the order asked.

        Raises:
            Refused, Unreachable, AnswerInvalid: as above.
        """
        path, more = domain_path(domain, "resolve"), {"reason": reason} if reason else {}
        requests = asks(path, "pseudonyms", pseudonyms, chunk=self._chunk, **more)
        return await self._all(requests, resolved)

    async def close(self) -> None:
        """End the session."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _all(self, requests: Any, read: Callable[[dict[str, Any]], T]) -> list[T]:
        found: list[T] = []
        for ask in requests:
            found += [read(item) for item in results_of(await self._send(ask), ask.count)]
        return found

    async def _send(self, ask: Ask) -> Any:
        response = None
        for seconds in waits(self._tries):
            await asyncio.sleep(seconds)
            try:
                response = await self._http.post(
                    ask.path, json=ask.body, headers={"Idempotency-Key": ask.idempotency_key}
                )
            except httpx.TransportError:
                continue
            if not worth_another_try(response):
                return document_of(response)
        raise unreachable(response)
