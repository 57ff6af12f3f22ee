"""Draw missing: link originals that have no pseudonym yet with new ones, whatever way the domain makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ttp.core.center import Center
from ttp.core.domain_policy import Generation
from ttp.core.domains import Domain
from ttp.core.names import LeafId, Original, Pseudonym
from ttp.core.ports import Transaction
from ttp.core.pseudonyms import Link
from ttp.services.pseudonyms.derive_pseudonyms import derive_pseudonyms
from ttp.services.pseudonyms.draw_pseudonyms import draw_for
from ttp.services.pseudonyms.keep_validity import limit_new
from ttp.services.pseudonyms.link_originals import SINGLE, next_indexes, seal_originals

Add = Callable[..., set[bytes]]
"""Stores links and returns the indexes of those it stored."""


def draw_missing(
    center: Center,
    tx: Transaction,
    domain: Domain,
    missing: dict[bytes, Original],
    known: dict[bytes, Pseudonym],
    leaf: LeafId,
) -> set[bytes]:
    """Give each original, by its blind index, a pseudonym; returns the indexes whose pseudonym was made here.

    All that have one now are added to ``known``: also those another request linked meanwhile. What is in neither
    found no free pseudonym. The domain is held for writing.
    """
    made: set[bytes] = set()
    nexts = dict(zip(missing, next_indexes(center, domain, list(missing.values())), strict=True))

    def store(
        drawn: Sequence[tuple[bytes, Pseudonym]], add: Add = tx.pseudonyms.add_missing
    ) -> list[bytes]:
        sealed = seal_originals(
            center, domain, SINGLE, [(token.encode(), missing[index]) for index, token in drawn]
        )
        rows = [
            Link(token, index, nexts[index], envelope)
            for (index, token), envelope in zip(drawn, sealed, strict=True)
        ]
        inserted = add(domain, rows, leaf=leaf)
        made.update(inserted)
        known.update((index, token) for index, token in drawn if index in inserted)
        rest = [index for index, _ in drawn if index not in inserted]
        known.update(tx.pseudonyms.find(domain, rest))  # what another caller inserted meanwhile
        return [index for index in rest if index not in known]

    if domain.generation is Generation.RANDOM:
        draw_for(tx, domain, list(missing), store)
    else:
        derived = dict(
            zip(missing, derive_pseudonyms(center, domain, [*missing.values()]), strict=True)
        )
        gone = store([*derived.items()])  # tombstones of the same originals
        store([(index, derived[index]) for index in gone], tx.pseudonym_states.revive)
    limit_new(center, tx, domain, [known[index] for index in made], leaf)
    return made
