"""Draw secondary pseudonyms: an original gets as many as were asked for, or none and leaves nothing behind.

Where a domain is nearly full, strings drawn for originals that cannot get enough are given to as many others of the
batch as they suffice for. Nobody was told them, and no other transaction has seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ttp.core.domains import Domain
from ttp.core.names import LeafId, Pseudonym
from ttp.core.ports import Transaction
from ttp.services.pseudonyms.draw_pseudonyms import draw_for

Drawn = dict[UUID, list[Pseudonym]]


def draw_secondaries(
    tx: Transaction, domain: Domain, originals: Sequence[UUID], count: int, leaf: LeafId
) -> Drawn:
    """``count`` new pseudonyms of each original, in order of creation; those the domain cannot serve are absent.

    Rows of absent originals that this act (``leaf``) added are gone again, with everything that hung on them.
    """
    served: Drawn = {}
    wanted = list(originals)
    while (
        wanted
    ):  # fewer each time: the strings of those that lack some never suffice for all of them
        given = {token for tokens in served.values() for token in tokens}
        drawn = _drawn(tx, domain, wanted, count, given, leaf)
        lacking = [row for row in wanted if len(drawn.get(row, ())) < count]
        freed = {row: drawn.pop(row) for row in lacking if row in drawn}
        served |= drawn
        tx.pseudonyms.take_back_secondaries(domain, list(freed), leaf=leaf)
        wanted = lacking[: sum(map(len, freed.values())) // count]
    refused = [row for row in originals if row not in served]
    tx.pseudonyms.take_back_originals(domain, refused, leaf=leaf)
    return served


def _drawn(
    tx: Transaction,
    domain: Domain,
    originals: Sequence[UUID],
    count: int,
    given: set[Pseudonym],
    leaf: LeafId,
) -> Drawn:
    """As many as there are, up to ``count`` of each original; ``given``: those this act gave already."""
    made: Drawn = {}

    def store(drawn: Sequence[tuple[UUID, Pseudonym]]) -> list[UUID]:
        first: dict[Pseudonym, int] = {}
        for place, (_, token) in enumerate(drawn):
            if token not in given:
                first.setdefault(token, place)  # of two equal draws the first counts
        inserted = tx.pseudonyms.add_secondaries(
            domain, [(token, drawn[place][0]) for token, place in first.items()], leaf=leaf
        )
        given.update(inserted)
        places = {first[token] for token in inserted}
        for place in sorted(places):
            row, token = drawn[place]
            made.setdefault(row, []).append(token)
        return [row for place, (row, _) in enumerate(drawn) if place not in places]

    draw_for(tx, domain, [row for row in originals for _ in range(count)], store)
    return made
