"""Answers from the cache: what is held is not asked for; what is asked for is held, failures excepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ttp.client.answers import Failed, Issued, Resolved
from ttp.client.asking import Ask, ask_of
from ttp.client.cache import Cache, CacheLimits
from ttp.client.operations import Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InDomain(Generic[T]):
    """The cache of one kind of answers, for one domain."""

    cache: Cache[T]
    domain: str

    def through(
        self, operation: Operation[Any], answered: Callable[[Ask], list[Any]]
    ) -> Callable[[Ask], list[Any]]:
        """Ask only for what is not held."""

        def answer(ask: Ask) -> list[Any]:
            held, wanted = self._split(ask.items)
            fresh = answered(ask_of(operation, wanted, ask.idempotency_key)) if wanted else []
            return self._joined(ask.items, held, wanted, fresh)

        return answer

    def through_async(
        self, operation: Operation[Any], answered: Callable[[Ask], Awaitable[list[Any]]]
    ) -> Callable[[Ask], Awaitable[list[Any]]]:
        """The same for event loops."""

        async def answer(ask: Ask) -> list[Any]:
            held, wanted = self._split(ask.items)
            fresh = await answered(ask_of(operation, wanted, ask.idempotency_key)) if wanted else []
            return self._joined(ask.items, held, wanted, fresh)

        return answer

    def _split(self, items: Sequence[str]) -> tuple[dict[str, T], list[str]]:
        held = self.cache.find(self.domain, items)
        return held, list(dict.fromkeys(item for item in items if item not in held))

    def _joined(
        self, items: Sequence[str], held: dict[str, T], wanted: list[str], fresh: list[Any]
    ) -> list[Any]:
        told = dict(zip(wanted, fresh, strict=True))
        good = [(item, answer) for item, answer in told.items() if not isinstance(answer, Failed)]
        self.cache.keep(self.domain, [(item, _known(answer)) for item, answer in good])
        return [told[item] if item in told else held[item] for item in items]


class Cached:
    """What a session holds: nothing, pseudonyms, or resolved originals too."""

    def __init__(self, limits: CacheLimits | None) -> None:
        """Hold what the limits allow; None: nothing."""
        self._issued: Cache[Issued] | None = Cache(limits) if limits else None
        keeps_resolved = limits is not None and limits.resolved
        self._resolved: Cache[Resolved] | None = (
            Cache(limits) if limits and keeps_resolved else None
        )

    def issued(self, domain: str) -> InDomain[Issued] | None:
        """The pseudonyms held of a domain."""
        return InDomain(self._issued, domain) if self._issued is not None else None

    def resolved(self, domain: str) -> InDomain[Resolved] | None:
        """The originals held of a domain, if that was asked for."""
        return InDomain(self._resolved, domain) if self._resolved is not None else None

    def forget(self, domain: str | None = None) -> None:
        """Drop what is held of a domain (None: of all): this session ends links there."""
        for cache in (self._issued, self._resolved):
            if cache is not None:
                cache.forget(domain)


def _known(answer: Any) -> Any:
    """An answer as it is given again: it was not made by that call."""
    return replace(answer, created=False) if isinstance(answer, Issued) else answer
