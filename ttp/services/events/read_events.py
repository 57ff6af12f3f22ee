"""Read events: the next page of the feed, of what the reader may see; to wait for one holds no transaction.

The cursor moves over events that do not concern the reader, so that none is looked at twice. Nothing is lost by that:
events are placed by one sequencer at a time, in one transaction with the positions of their leaves, so whoever sees an
event sees all that stand before it, and what is placed later stands behind the newest that was seen first.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ttp.core.access import Actor, Right
from ttp.core.center import Center
from ttp.core.errors import InvalidField
from ttp.core.event_kinds import EventKind
from ttp.core.events import MAXIMAL_PAGE, Cursor, Event, FeedKind, Interest
from ttp.core.ports import Transaction
from ttp.services.log.record_leaf import Act, record_leaf

LOOK_EVERY_SECONDS = 0.25
MOST_WAITING = 4
"""How many readers of a process may wait at once; more are answered without waiting, so that threads are left."""

_WAITING = threading.BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader asks for: up to ``limit`` events behind the cursor, of some kinds, in one domain."""

    after: Cursor = field(default_factory=Cursor)
    limit: int = 100
    kinds: frozenset[FeedKind] | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class PageRead:
    """The events of a page, and the cursor behind all that was looked at; never before that of the request."""

    events: list[Event]
    next: Cursor


def read_events(center: Center, actor: Actor, page: Page, *, wait: float = 0) -> PageRead:
    """The next events in the order of the log; waits up to ``wait`` seconds while there are none.

    A page that holds events leaves a leaf; an empty one leaves none.

    Raises:
        NotAllowed: the caller may not read events, or not of this domain.
        UnknownDomain: there is none of this name. InvalidField: the limit is out of bounds.
    """
    actor.require(Right.READ_EVENTS)
    if not 1 <= page.limit <= MAXIMAL_PAGE:
        raise InvalidField(f"A page holds 1 to {MAXIMAL_PAGE} events.")
    interest = center.work.run(lambda tx: _interest(tx, actor, page), write=False)
    found = _wait(center, interest, page, seconds=wait) if wait else _next(center, interest, page)
    if found.events:
        center.work.run(lambda tx: _record(center, tx, actor, page, found.events))
    return found


def read_kinds(words: Sequence[str]) -> frozenset[FeedKind] | None:
    """The kinds that these words name; None for no word.

    Raises:
        InvalidField: a word names none.
    """
    unknown = set(words) - set(FeedKind)
    if unknown:
        raise InvalidField(f"The kinds of events are: {', '.join(FeedKind)}.")
    return frozenset(map(FeedKind, words)) or None


def _interest(tx: Transaction, actor: Actor, page: Page) -> Interest:
    if page.domain is None:
        return Interest.of(actor, kinds=page.kinds)
    name = tx.domains.get(page.domain).name
    actor.require(Right.READ_EVENTS, name)
    return Interest.of(actor, kinds=page.kinds, domains=frozenset({name}))


def _next(center: Center, interest: Interest, page: Page) -> PageRead:
    return center.work.run(lambda tx: _behind(tx, interest, page), write=False)


def _behind(tx: Transaction, interest: Interest, page: Page) -> PageRead:
    newest = tx.events.newest()  # asked first: what is placed meanwhile stands behind it
    if newest <= page.after:
        return PageRead([], page.after)
    found = tx.events.after(page.after, interest, limit=page.limit)
    last = found[-1].cursor if found else page.after
    return PageRead(found, last if len(found) == page.limit else max(last, newest))


def _wait(center: Center, interest: Interest, page: Page, *, seconds: float) -> PageRead:
    """Look again and again, in a transaction each time, unless too many wait already."""
    if not _WAITING.acquire(blocking=False):
        return _next(center, interest, page)
    try:
        end = center.clock.monotonic() + seconds
        found = _next(center, interest, page)
        while not found.events and center.clock.monotonic() < end:
            center.clock.sleep(LOOK_EVERY_SECONDS)
            found = _next(center, interest, replace(page, after=found.next))
        return found
    finally:
        _WAITING.release()


def _record(
    center: Center, tx: Transaction, actor: Actor, page: Page, found: Sequence[Event]
) -> None:
    counts = {"events": len(found), "pseudonyms": sum(len(one.items) for one in found)}
    facts = {"after": str(page.after), "last": str(found[-1].cursor)}
    act = Act(EventKind.EVENTS_READ, domain=page.domain, counts=counts, facts=facts)
    record_leaf(center, tx, actor, act)
