"""Register together: several calls of one caller under one lock, in their order, each answered as if alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ttp.core.access import Actor
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identifying_data import IdentifyingData
from ttp.core.ports import Transaction
from ttp.services.persons.register_identities import Answers, check_records, register_identities


class Call(NamedTuple):
    """Records of one source."""

    source: str
    records: Sequence[object]


class Share(NamedTuple):
    """The answers to one call in the order given, and the hashes of the leaves that stand for it."""

    answers: Answers
    leaves: Sequence[bytes]


Checked = Sequence[IdentifyingData | TTPError]


def register_together(
    center: Center, tx: Transaction, actor: Actor, *, calls: Sequence[Call]
) -> list[Share]:
    """The share of each call; the leaf of a batch says how many calls it stands for.

    A record that several calls name is registered by each of them, in the order in which they came.

    Raises:
        As ``register_identities``, for all calls. None of its errors depends on the records of one call; those of
        one source are its own.
    """
    checked = [check_records(center, call.records) for call in calls]
    shares: dict[int, Share] = {}
    for places in by_source(calls):
        for batch in _without_repeats(places, checked):
            before = len(tx.leaves)
            answers = iter(
                register_identities(
                    center,
                    tx,
                    actor,
                    source=calls[batch[0]].source,
                    records=[record for place in batch for record in checked[place]],
                    calls=len(batch),
                )
            )
            told = {place: [next(answers) for _ in checked[place]] for place in batch}
            leaves = tuple(tx.leaves[before:])
            shares |= {place: Share(own, leaves) for place, own in told.items()}
    return [shares[place] for place in range(len(calls))]


def by_source(calls: Sequence[Call]) -> list[list[int]]:
    """The places of the calls about one source each."""
    places: dict[str, list[int]] = {}
    for place, call in enumerate(calls):
        places.setdefault(call.source, []).append(place)
    return list(places.values())


def _without_repeats(places: Sequence[int], checked: Sequence[Checked]) -> list[list[int]]:
    """The calls in their order, cut where one names a record that one before it names: they are two versions of it."""
    batches: list[list[int]] = []
    named: set[str] = set()
    for place in places:
        ids = {one.record_id for one in checked[place] if isinstance(one, IdentifyingData)}
        own = {one for one in ids if one}
        if not batches or not own.isdisjoint(named):
            batches.append([])
            named = set()
        batches[-1].append(place)
        named |= own
    return batches
