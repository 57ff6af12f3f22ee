"""Announce events: in the transaction of an act, those who hold its pseudonyms are told what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ttp.core.center import Center
from ttp.core.events import ITEMS_OF_AN_EVENT, Event, FeedKind
from ttp.core.names import LeafId
from ttp.core.ports import Transaction


def announce(
    center: Center,
    tx: Transaction,
    leaf: LeafId,
    kind: FeedKind,
    *,
    domain: str,
    items: Sequence[Mapping[str, Any]],
    project: str | None = None,
    recipients: frozenset[str] | None = None,
    number: int = 0,
) -> int:
    """Write the events of an act, up to 1,000 items each; they are told once the leaf has its position.

    The items have the form that the kind says, and hold pseudonyms only. No items, no event. One act that
    announces more than once counts on: ``number`` is what the call before returned.
    """
    starts = range(0, len(items), ITEMS_OF_AN_EVENT)
    now = center.clock.now()
    events = [
        Event(
            center.new_id(),
            leaf,
            number + offset,
            now,
            kind,
            domain,
            project,
            items[start : start + ITEMS_OF_AN_EVENT],
            recipients,
        )
        for offset, start in enumerate(starts)
    ]
    tx.events.add(events)
    return number + len(events)
