"""A cache of pseudonyms: bounded in size and age; the oldest use goes first.

An answer that is cached is not asked for, so it stands in no audit log, and an end of its link is seen only once
it is too old. That is why nothing is cached unless somebody says so.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """At most so many entries, none older than so many seconds; resolved originals only if that is wanted."""

    entries: int = 100_000
    seconds: float = 300.0
    resolved: bool = False


class Cache(Generic[T]):
    """Answers by domain and value. One instance serves many threads."""

    def __init__(self, limits: CacheLimits, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Hold nothing yet; ``clock`` counts seconds."""
        self._limits = limits
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def find(self, domain: str, values: Iterable[str]) -> dict[str, T]:
        """The answers that are held and young enough."""
        oldest = self._clock() - self._limits.seconds
        found: dict[str, T] = {}
        with self._lock:
            for value in values:
                held = self._held.get((domain, value))
                if held is None:
                    continue
                if held[0] < oldest:
                    del self._held[domain, value]
                    continue
                self._held.move_to_end((domain, value))
                found[value] = held[1]
        return found

    def keep(self, domain: str, answers: Iterable[tuple[str, T]]) -> None:
        """Hold answers; those used longest ago give way."""
        now = self._clock()
        with self._lock:
            for value, answer in answers:
                self._held[domain, value] = (now, answer)
                self._held.move_to_end((domain, value))
            while len(self._held) > self._limits.entries:
                self._held.popitem(last=False)

    def forget(self, domain: str | None = None) -> None:
        """Drop what is held of a domain, or everything."""
        with self._lock:
            for place in [one for one in self._held if domain in {None, one[0]}]:
                del self._held[place]
