"""Sessions with a center: batches of any size, in the order asked; lost answers are asked for again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from ttp.client.answers import (
    Failed,
    Issued,
    IssuedMany,
    Registered,
    Resolved,
    issued,
    issued_many,
    registered,
    resolved,
    results_of,
)
from ttp.client.asking import (
    CHUNK,
    REGISTERED_AT_ONCE,
    TRIES,
    Ask,
    asks,
    document_of,
    domain_path,
    waits,
    worth_another_try,
)
from ttp.client.errors import Unreachable

T = TypeVar("T")


class Treuhandstelle:
    """A trust center at a URL, for the client whose API key this is. One instance serves many threads."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        tries: int = TRIES,
        chunk: int = CHUNK,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open a session; ``timeout`` in seconds a request, ``chunk`` items a request."""
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            transport=transport,
        )
        self._tries = tries
        self._chunk = chunk

    def pseudonyms(
        self, domain: str, originals: Sequence[str], *, create: bool = True
    ) -> list[Issued | Failed]:
        """The pseudonym of each original, in the order asked; unknown ones are made if ``create``.

        Raises:
            Refused, Unreachable, AnswerInvalid: what was done before stands, and asking again is safe.
        """
        path = domain_path(domain, "pseudonyms")
        return self._all(
            asks(path, "originals", originals, chunk=self._chunk, create=create), issued
        )

    def secondary_pseudonyms(
        self, domain: str, originals: Sequence[str], *, count: int
    ) -> list[IssuedMany | Failed]:
        """``count`` new secondary pseudonyms of each original; with 0, all that exist.

        Raises:
            Refused, Unreachable, AnswerInvalid: as above; asking again makes further ones.
        """
        path, chunk = domain_path(domain, "pseudonyms"), max(1, self._chunk // max(1, count))
        return self._all(asks(path, "originals", originals, chunk=chunk, count=count), issued_many)

    def resolve(
        self, domain: str, pseudonyms: Sequence[str], *, reason: str | None = None
    ) -> list[Resolved | Failed]:
        """The originals of each pseudonym, in the order asked, under a standing grant.

        Without a ``reason`` the grant's purpose is the reason.

        Raises:
            Refused, Unreachable, AnswerInvalid: as above.
        """
        path, more = domain_path(domain, "resolve"), {"reason": reason} if reason else {}
        return self._all(asks(path, "pseudonyms", pseudonyms, chunk=self._chunk, **more), resolved)

    def register(
        self, records: Sequence[dict[str, Any]], *, source: str
    ) -> list[Registered | Failed]:
        """Register identifying data of one source; the same record again is known, a changed one a new version.

        Raises:
            Refused, Unreachable, AnswerInvalid: as above; asking again is safe.
        """
        chunk = min(self._chunk, REGISTERED_AT_ONCE)
        path = "/api/v1/identities"
        return self._all(asks(path, "records", records, chunk=chunk, source=source), registered)

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

    def _all(self, requests: Any, read: Callable[[dict[str, Any]], T]) -> list[T]:
        return [read(item) for ask in requests for item in results_of(self._send(ask), ask.count)]

    def _send(self, ask: Ask) -> Any:
        response = None
        for seconds in waits(self._tries):
            time.sleep(seconds)
            try:
                response = self._http.post(
                    ask.path, json=ask.body, headers={"Idempotency-Key": ask.idempotency_key}
                )
            except httpx.TransportError:
                continue
            if not worth_another_try(response):
                return document_of(response)
        raise unreachable(response)


def unreachable(last: httpx.Response | None) -> Unreachable:
    """The error after the last try; ``last`` is the last answer, if there was one."""
    if last is None:
        return Unreachable("The center cannot be reached.")
    return Unreachable(
        f"The center cannot answer now (status {last.status_code}); try again later."
    )
