"""Events of settled pseudonyms: who was given one hears that it was superseded or mixed, and nobody else does."""

from __future__ import annotations

from pathlib import Path

from tests.federation.network import PROJECT, Network
from tests.federation.test_project_pseudonyms import joined, settle, two_strangers
from ttp.core.access import OPERATOR
from ttp.core.events import Cursor, Event, FeedKind, Interest
from ttp.services.cases.undo_decision import undo_decision
from ttp.services.log.sequence_leaves import sequence_leaves


def told(network: Network, recipient: str | None = None) -> list[Event]:
    """The events of the linking center, of everybody or of one recipient."""
    bund = network.bund
    while bund.work.run(lambda tx: sequence_leaves(bund, tx, holder="test")):
        pass
    interest = Interest(recipient=recipient)
    return bund.work.run(lambda tx: tx.events.after(Cursor(), interest, limit=100), write=False)


def test_merge_and_undo_reach_those_who_were_given_the_pseudonyms(
    tmp_path: Path, database_url: str
) -> None:
    network = two_strangers(tmp_path, database_url)
    before = settle(network)
    for site in ("nord", "sued"):
        network.fetch(site)
    first, second = sorted(before)
    older, younger = before[first].pseudonym, before[second].pseudonym
    assert told(network) == []

    _, decision = joined(network, first, second)
    settle(network)
    (merged,) = told(network)
    assert (merged.kind, merged.items) == (FeedKind.SUPERSEDED, [{"old": younger, "new": older}])
    assert (merged.project, len(merged.recipients or ())) == (PROJECT, 1)
    assert told(network, "client:somebody") == []

    for site in ("nord", "sued"):
        network.fetch(site)  # both have the older one now
    bund = network.bund
    bund.work.run(
        lambda tx: undo_decision(bund, tx, OPERATOR, decision_id=decision, reason="not the same")
    )
    assert settle(network) == before
    assert settle(network) == before  # nothing is told twice
    *_, parted = events = told(network)
    assert len(events) == 2
    assert parted.kind is FeedKind.CONTAMINATED
    assert parted.items == [{"pseudonym": older, "new": [younger]}]
    assert parted.recipients == frozenset({"peer:nord", "peer:sued"})
